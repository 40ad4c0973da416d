import type { WrittenRecord } from '../history.ts';

// Keys of ledger records and revisions, as the ledger documents them.

/** Of the record of a refused message, as the ledger documents it. */
export const isRefusedKey = (key: string): boolean => key.startsWith('refused:');

/** Of the record of a message that could not be parsed. */
export const isUnopenedKey = (key: string): boolean => key.startsWith('unopened:');

/** SQS's message id in the key of a refused message. */
export const idOfRefusedKey = (key: string): string => key.slice(key.indexOf(' ') + 1);

/** The id of the SQS message that a record is of; `undefined` in records of versions without authentication. */
export function messageIdOf({ revision }: WrittenRecord): string | undefined {
  const [messageId, rest] = revision.split('.');
  return rest === undefined ? undefined : messageId;
}

/** Without what marks the record of a conflict: the id that the message claims. */
export const claimedKeyOf = (key: string): string => (key.startsWith('conflict:') ? key.slice(key.indexOf(' ') + 1) : key);

/** Of a message in one generation, with its data. */
export const keyOf = (base: string, digest: string, generation: number): string => `${base} #${generation} ${digest}`;
