import * as z from 'zod/mini';
import { messageKey, type OutgoingMessage } from '../../events/ledger-record.ts';

/** A message in an outbox. */
export interface OutboxMessage {
  /** The agent that it goes to; `undefined` for the replies queue. */
  readonly to: string | undefined;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** Of its record at `to`. */
  readonly messageKey: string | undefined;
}

const identitySchema = z.object({ id: z.string(), source: z.string(), type: z.string() });

/** @throws z.core.$ZodError, SyntaxError for a body that the runtime did not write */
export function outboxMessage({ to, body }: OutgoingMessage): OutboxMessage {
  const identity = identitySchema.parse(JSON.parse(body));
  return { to, ...identity, messageKey: to === undefined ? undefined : messageKey(to, identity.source, identity.id) };
}

/** An outbox that is kept as content. */
export const storedOutboxSchema = z.array(z.object({ to: z.exactOptional(z.string()), body: z.string() }));
