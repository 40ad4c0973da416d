import type { Delivery } from '../delivery.ts';
import { decideOn, type TrustRuntime } from '../trust/decide-on.ts';
import { decideAccess, senderOf } from '../trust/sender.ts';
import { identifySender } from './authenticate.ts';
import type { Step } from './step.ts';

/**
 * Decides whether the sender may send this message to this agent: by its source, its action, and on whose behalf.
 *
 * @throws Refusal `SourceRefused`, `OnBehalfRefused`, `Forbidden`; Interrupted when the registry cannot be read
 */
export const authorise = (runtime: TrustRuntime): Step => ({
  before: async function authorise({ event: delivery }) {
    await authoriseSender(delivery, runtime);
  },
});

/** As the step {@link authorise}; does nothing once it is decided about the delivery. */
export async function authoriseSender(delivery: Delivery, runtime: TrustRuntime): Promise<void> {
  if (runtime.settings.authentication === 'none' || delivery.isDecided) return;
  const { envelope, isRedrive, statedSenderId: originalSenderId, sqsRecord } = delivery;
  const request = { source: envelope.source, type: envelope.type, authid: envelope.authid, isRedrive, originalSenderId };
  delivery.access = await decideOn(delivery, runtime, (access) => {
    const known = delivery.accessRecord === access ? delivery.principal : undefined;
    delivery.principal = known ?? senderOf(access, sqsRecord.attributes.SenderId, delivery.token);
    delivery.accessRecord = access;
    return decideAccess(access, delivery.principal, request);
  });
}

/** Both steps. For a batch, which must know before the pipeline begins. */
export async function admitSender(delivery: Delivery, runtime: TrustRuntime): Promise<void> {
  await identifySender(delivery, runtime);
  await authoriseSender(delivery, runtime);
}
