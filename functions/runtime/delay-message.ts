import type { Passage } from './passage.ts';
import type { Runtime } from './runtime.ts';

/** Hides a message until it is to be received again. Where SQS cannot be told, its visibility timeout decides: later, but not lost. */
export async function delayMessage(
  passage: Passage,
  delaySeconds: number,
  { io, settings }: Pick<Runtime, 'io' | 'settings'>,
): Promise<void> {
  try {
    await io.changeVisibility(settings.inboxUrl, { receiptHandle: passage.record.receiptHandle, delaySeconds });
  } catch (error) {
    passage.logger.warn('the retry delay could not be set; the visibility timeout decides', { error });
  }
}
