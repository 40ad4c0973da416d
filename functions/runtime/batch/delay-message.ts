import type { Delivery } from '../delivery.ts';
import type { Runtime } from '../runtime.ts';

/** Hides a message until it is to be redelivered. Where the request fails, the visibility timeout decides: later, but not lost. */
export async function delayMessage(
  delivery: Delivery,
  delaySeconds: number,
  { clock, io, settings }: Pick<Runtime, 'clock' | 'io' | 'settings'>,
): Promise<void> {
  // The process was frozen meanwhile: by now another process may hold the message.
  if (clock.now() >= delivery.endsAt) return;
  try {
    await io.changeVisibility(settings.inboxUrl, { receiptHandle: delivery.sqsRecord.receiptHandle, delaySeconds });
  } catch (error) {
    delivery.logger.warn('the retry delay could not be set; the visibility timeout decides', { error });
  }
}
