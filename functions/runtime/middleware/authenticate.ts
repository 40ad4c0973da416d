import type { Delivery } from '../delivery.ts';
import { decideOn, type TrustRuntime } from '../trust/decide-on.ts';
import { principalOf, senderOf } from '../trust/sender.ts';
import { tokenOf } from '../trust/token-of.ts';
import type { Step } from './step.ts';

/**
 * Finds out who sent the message. Until the sender and its right to send are known, nothing is read or written under the id that the
 * message claims.
 *
 * @throws Refusal `UnknownSender`, `TokenSenderMismatch`, or that of the token; Interrupted when the registry or the issuer's keys cannot
 *   be had now
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
  delivery.principal = await decideOn(delivery, runtime, async (access) => {
    delivery.accessRecord = access;
    if (runtime.settings.authentication === 'iam') return senderOf(access, SenderId, undefined);
    // Nobody who is not in the mesh has a token verified.
    principalOf(access, SenderId);
    delivery.token = await tokenOf(delivery, access, runtime);
    return senderOf(access, SenderId, delivery.token);
  });
}
