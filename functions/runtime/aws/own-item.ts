import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { MAX_OWN_NAMES, NAMES_ATTRIBUTE } from '../../../events/own-metrics-record.ts';
import { MetricsRefusedError } from '../metrics/metrics-recorder.ts';
import { type Addition, addition } from './addition.ts';
import { OwnNames } from './own-names.ts';

/** The item with an agent's own metrics in one shard. It has room for {@link MAX_OWN_NAMES} names, of all processes that add to it. */
export class OwnItem {
  readonly #update: (addition: Addition) => Promise<readonly string[]>;
  readonly #names = new OwnNames();

  /** @param update adds to the item, and returns the names that it has, if they were asked for */
  constructor(update: (addition: Addition) => Promise<readonly string[]>) {
    this.#update = update;
  }

  /** The first write of a process does not know which names the item has. It asks about them only if the item refuses its own. */
  async add(increments: ReadonlyMap<string, number>): Promise<readonly string[]> {
    try {
      return await this.#addNamed(increments);
    } catch (error) {
      if (!(error instanceof MetricsRefusedError && error.cause instanceof ConditionalCheckFailedException)) throw error;
      await this.#askForNames();
      return this.#addNamed(increments);
    }
  }

  async #addNamed(wanted: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const { increments, fresh, leftOut } = this.#names.select(wanted);
    this.#names.learn(await this.#update(additionOfOwn(increments, fresh)));
    return leftOut;
  }

  /** By an update, which is what the agent's role may do. @throws MetricsRefusedError whatever fails: nothing was to be added */
  async #askForNames(): Promise<void> {
    try {
      this.#names.learn(await this.#update({ additions: '', values: {}, returned: 'ALL_NEW' }));
    } catch (cause) {
      throw new MetricsRefusedError('the names of the item could not be read', { cause });
    }
  }
}

/**
 * An addition to an agent's own metrics. With names that may be new to the item, it asks that the item has room for all of them or has them
 * already, and for the names that the item has then: neither costs a request or a write unit more.
 */
function additionOfOwn(increments: ReadonlyMap<string, number>, fresh: readonly string[]): Addition {
  const names: Record<string, string> = {};
  const { additions, values } = addition(increments, (attribute, index) => {
    names[`#${index}`] = attribute;
    return `#${index}`;
  });
  if (fresh.length === 0) return { additions, values, names };
  const own = Object.fromEntries(fresh.map((name, index) => [`:name${index}`, { S: name }]));
  const hasAll = fresh.map((_, index) => `contains(#names, :name${index})`).join(' AND ');
  return {
    additions: `${additions}, #names :names`,
    values: { ...values, ...own, ':names': { SS: [...fresh] }, ':room': { N: String(MAX_OWN_NAMES - fresh.length) } },
    names: { ...names, '#names': NAMES_ATTRIBUTE },
    condition: `attribute_not_exists(#names) OR size(#names) <= :room OR (${hasAll})`,
    returned: 'UPDATED_NEW',
  };
}
