import * as z from 'zod/mini';
import { digestOfData } from '../../events/digest-of-data.ts';
import { messageKey, type OutgoingMessage, outgoingMessageSchema } from '../../events/ledger-record.ts';

/** A message in an outbox. */
export interface OutboxMessage {
  /** The agent that it goes to; `undefined` for the replies queue. */
  readonly to: string | undefined;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** Of its record at `to`. */
  readonly messageKey: string | undefined;
  /** Of its data, as the ledger's records have it. A record of a refused message has no id, but this. */
  readonly digest: string;
}

const envelopeSchema = z.object({
  ...{ id: z.string(), source: z.string(), type: z.string(), data: z.optional(z.unknown()) },
  ...{ subject: z.exactOptional(z.string()), datacontenttype: z.exactOptional(z.string()) },
  ...{ dataref: z.exactOptional(z.string()), datadigest: z.exactOptional(z.string()) },
});

/** @throws z.core.$ZodError, SyntaxError for a body that the runtime did not write */
export function outboxMessage({ to, body }: OutgoingMessage): OutboxMessage {
  const envelope = envelopeSchema.parse(JSON.parse(body));
  const { id, source, type } = envelope;
  const key = to === undefined ? undefined : messageKey(to, source, id);
  return { to, id, source, type, messageKey: key, digest: digestOfData(envelope) };
}

/** An outbox that is kept as content. */
export const storedOutboxSchema = z.array(outgoingMessageSchema);
