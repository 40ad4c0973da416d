import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { LedgerRecord } from '../ledger-record.ts';

export type LedgerItem = Record<string, AttributeValue>;

/** A result is kept as JSON text: DynamoDB has no form for some numbers and depths that JSON has. */
export function toItem({ result, ...record }: LedgerRecord): LedgerItem {
  const plain = result === undefined ? record : { ...record, result: JSON.stringify(result) };
  return marshall(plain, { removeUndefinedValues: true });
}

const recordedError = { code: z.string(), reason: z.string(), kind: z.enum(['permanent', 'transient', 'unknown']) };
const reference = z.object({ uri: z.string(), digest: z.string(), sizeBytes: z.number(), contentType: z.string() });
const exactOptional = <Schema extends z.ZodMiniType>(schema: Schema) => z.exactOptional(schema);

const recordSchema = z.object({
  messageKey: z.string(),
  revision: z.string(),
  agent: z.string(),
  generation: z.number(),
  digest: z.string(),
  sender: z.string(),
  startedAt: z.number(),
  attempts: z.array(z.object({ at: z.number(), ...recordedError })),
  claim: exactOptional(z.object({ owner: z.string(), expiresAt: z.number() })),
  outcome: exactOptional(z.enum(['processed', 'rejected', 'dead-lettered'])),
  endedAt: exactOptional(z.number()),
  error: exactOptional(z.object(recordedError)),
  result: exactOptional(
    z.pipe(
      z.string(),
      z.transform((json): unknown => JSON.parse(json)),
    ),
  ),
  resultRef: exactOptional(reference),
  outbox: exactOptional(z.array(z.object({ to: exactOptional(z.string()), body: z.string() }))),
  outboxRef: exactOptional(reference),
  traceId: exactOptional(z.string()),
  expiresAt: z.number(),
});

/** @throws z.core.$ZodError for an item that this version did not write */
export const fromItem = (item: LedgerItem): LedgerRecord => recordSchema.parse(unmarshall(item));
