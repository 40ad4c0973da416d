import type { Delivery } from '../delivery.ts';
import { decideOn, type TrustRuntime } from '../trust/decide-on.ts';
import { principalOf } from '../trust/sender.ts';
import type { Step } from './step.ts';

/**
 * Finds out who sent the message. Until the sender and its right to send are known, nothing is read or written under the id that the
 * message claims.
 *
 * @throws Refusal `UnknownSender`; Interrupted when the registry cannot be read
 */
export const authenticate = (runtime: TrustRuntime): Step => ({
  before: async function authenticate({ event: delivery }) {
    await identifySender(delivery, runtime);
  },
});

/** As the step {@link authenticate}; does nothing once the delivery's sender is known. */
export async function identifySender(delivery: Delivery, runtime: TrustRuntime): Promise<void> {
  if (runtime.settings.authentication === 'none' || delivery.isDecided || delivery.principal !== undefined) return;
  const { SenderId } = delivery.sqsRecord.attributes;
  delivery.principal = await decideOn(delivery, runtime, (access) => principalOf(access, SenderId));
}
