import { REFUSED_KEY_PREFIX } from '../../events/ledger-record.ts';
import type { MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { recordedKeys, records } from '../ledger.ts';
import type { FoundIn } from './find-records.ts';
import { expectedKeys, type Known, missingIn, type ReadRecord, refusedMark } from './hops-of.ts';
import { indexedKeys } from './indexed-keys.ts';

const RECORDS = 100;

/**
 * Finds out which of the messages in outboxes have left a record. It reads a journey's refused messages only when a message has no record
 * under its own key, and no more of them than it needs. It remembers a mark for each.
 */
export class LeftRecords {
  readonly #aws: AwsClients;
  readonly #mesh: MeshName;
  readonly #refused = new Set<string>();
  readonly #refusedKeys: AsyncIterator<{ readonly messageKey: string }> | undefined;

  /** @param found where the journey is; `undefined` for one that is not indexed, whose refused messages cannot be found */
  constructor(found: FoundIn | undefined, aws: AwsClients, mesh: MeshName) {
    this.#aws = aws;
    this.#mesh = mesh;
    if (found !== undefined) this.#refusedKeys = indexedKeys(aws.dynamodb, found.index, found.partitions, { prefix: REFUSED_KEY_PREFIX });
  }

  /** What is known of the messages in these outboxes. */
  async of(read: readonly ReadRecord[]): Promise<Known> {
    const recorded = await recordedKeys(this.#aws.dynamodb, this.#mesh, expectedKeys(read));
    const known = { recorded, refused: this.#refused };
    const isOneMissing = () => read.some(({ outbox }) => missingIn(outbox, known).length > 0);
    while (isOneMissing() && (await this.#readRefused()));
    return known;
  }

  /** Reads the next refused messages. @returns whether there were any */
  async #readRefused(): Promise<boolean> {
    const keys: string[] = [];
    while (keys.length < RECORDS) {
      const next = await this.#refusedKeys?.next();
      if (next === undefined || next.done === true) break;
      keys.push(next.value.messageKey);
    }
    for (const { agent, digest } of await records(this.#aws.dynamodb, this.#mesh, keys)) this.#refused.add(refusedMark(agent, digest));
    return keys.length > 0;
  }
}
