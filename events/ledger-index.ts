/** The ledger's indexes. Both hold keys only: their readers get the records from the table, consistently. */

/**
 * The ledger's index of journeys, by `journey` and start. A journey has {@link SHARDS} keys, so that a batch job under one correlation id
 * cannot throttle the commits of the mesh.
 */
export const JOURNEY_INDEX_NAME = 'by-journey';

/**
 * The ledger's index of records without an outcome, by agent and since when they do not move. A record that an older version of the
 * runtime has ended may still be in it: judge by the record's `outcome`.
 */
export const OPEN_INDEX_NAME = 'by-open';

/** The ledger's index by trace id and start. Only a mesh with the setting `traceIndex` has it. */
export const TRACE_INDEX_NAME = 'by-trace';

/** Keys of a journey, and of an agent's open records, in their indexes. */
export const SHARDS = 4;

/**
 * A record's key in the index of journeys: `<correlation id>#<shard>`.
 *
 * @param correlationId the envelope's `correlationid`, by default its `id`
 * @example
 * ```ts
 * journeyKey('order-4711', 'greeting /shop order-4711'); // e.g. 'order-4711#2'
 * ```
 */
export const journeyKey = (correlationId: string, messageKey: string): string => `${correlationId}#${shardOf(messageKey)}`;

/**
 * All keys of a journey in its index: a reader queries each.
 *
 * @example
 * ```ts
 * journeyKeys('order-4711'); // ['order-4711#0', 'order-4711#1', 'order-4711#2', 'order-4711#3']
 * ```
 */
export const journeyKeys = (correlationId: string): readonly string[] =>
  Array.from({ length: SHARDS }, (_, shard) => `${correlationId}#${shard}`);

/**
 * The correlation id in a {@link journeyKey}.
 *
 * @example
 * ```ts
 * correlationIdOf('order-4711#2'); // 'order-4711'
 * ```
 */
export const correlationIdOf = (journey: string): string => journey.slice(0, journey.lastIndexOf('#'));

/** A record's key in the index of open records: `<agent>#<shard>`. */
export const openKey = (agentId: string, messageKey: string): string => `${agentId}#${shardOf(messageKey)}`;

/**
 * All keys of an agent in the index of open records.
 *
 * @example
 * ```ts
 * openKeys('greeting'); // ['greeting#0', 'greeting#1', 'greeting#2', 'greeting#3']
 * ```
 */
export const openKeys = (agentId: string): readonly string[] => journeyKeys(agentId);

/**
 * Whether the index holds a journey at a sampling. Every agent decides alike, because the correlation id decides.
 *
 * @param sampling the share of journeys, 0 to 1
 */
export const isSampled = (correlationId: string, sampling: number): boolean => sampling >= 1 || hashOf(correlationId) / 2 ** 32 < sampling;

const shardOf = (messageKey: string): number => hashOf(messageKey) % SHARDS;

/** FNV-1a with the final mixing of MurmurHash3, 32 bits: evenly spread, without an allocation. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
