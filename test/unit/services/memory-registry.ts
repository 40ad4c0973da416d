import type { OfferItem } from '../../../events/offer.ts';
import type { RegistryItem } from '../../../events/registry.ts';
import type { RegistryPorts } from '../../../functions/services/registry/bring-in-line.ts';
import type { Parameter } from '../../../functions/services/registry/read-registrations.ts';
import { offerKeyOf } from '../../../functions/services/registry/wanted-offers.ts';

const keyOf = ({ kind, id }: Pick<RegistryItem, 'kind' | 'id'>): string => `${kind} ${id}`;

/** The parameters and the tables of a mesh in memory, with the conditions of DynamoDB. */
export class MemoryRegistry {
  readonly parameters = new Map<string, string>();
  readonly table = new Map<string, RegistryItem>();
  readonly offers = new Map<string, OfferItem>();
  /** Items of the table of offers that are none. */
  readonly strays: unknown[] = [];
  /** After so many conflicts of a run, it has waited. */
  readonly pauses: number[] = [];
  /** Successful writes and removals. */
  changes = 0;
  #now = 1_000;

  declare(name: string, value: object | string): void {
    this.parameters.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }

  /** @param beforeWrite runs before each write and removal, e.g. to let another run go first */
  ports(beforeWrite: () => Promise<void> = async () => {}): RegistryPorts {
    const commit = async <Item extends { readonly revision: number }>(
      table: Map<string, Item>,
      key: string,
      expected: number | undefined,
      item: Item | undefined,
    ) => {
      await beforeWrite();
      if (table.get(key)?.revision !== expected) return 'conflict';
      if (item === undefined) table.delete(key);
      else table.set(key, item);
      this.changes++;
      return 'written';
    };
    return {
      parameters: async (): Promise<readonly Parameter[]> => [...this.parameters].map(([name, value]) => ({ name, value })),
      items: async () => [...this.table.values()],
      write: (item, expected) => commit(this.table, keyOf(item), expected, item),
      remove: (item) => commit(this.table, keyOf(item), item.revision, undefined),
      offers: async () => [...this.offers.values(), ...this.strays],
      writeOffer: (offer, expected) => {
        const key = offerKeyOf(offer);
        const { weight = offer.weight, ...operated } = this.offers.get(key) ?? {};
        return commit(this.offers, key, expected, { ...operated, ...offer, weight });
      },
      removeOffer: (offer) => commit(this.offers, offerKeyOf(offer), offer.revision, undefined),
      pause: async (conflicts) => void this.pauses.push(conflicts),
      now: () => this.#now++,
    };
  }

  /** The JSON values of the table, by key. */
  get values(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.table].sort().map(([key, { value }]) => [key, JSON.parse(value)]));
  }
}
