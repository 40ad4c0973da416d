import { edit, type Mutant } from './mutant.ts';

/**
 * The runtime as it was before it knew its senders: with authentication 'none', its records neither name their SQS message nor what
 * allowed it, it commits whatever was handled, however late, and it knows no tenants.
 */
export const OLDER_RUNTIME: Mutant = {
  name: 'older',
  firstSeed: 1,
  edits: [
    edit('ledger/commit-outcome.ts', 'revisionOf(delivery.sqsRecord.messageId, entropy.uuid())', 'entropy.uuid()'),
    edit('ledger/commit-outcome.ts', '...(delivery.decision && { access: delivery.decision }),', ''),
    edit('middleware/classify-error.ts', 'revisionOf(delivery.sqsRecord.messageId, runtime.entropy.uuid())', 'runtime.entropy.uuid()'),
    edit('agent/outgoing.ts', 'tenant: options.tenant ?? envelope.tenant,', ''),
    edit('ledger/send-outbox.ts', 'group: tenantOf(body)', 'group: undefined'),
    edit('middleware/in-time.ts', 'if (clock.now() >= endsAt)', 'if (false)'),
  ],
};
