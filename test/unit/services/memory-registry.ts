import type { RegistryItem } from '../../../events/registration.ts';
import type { RegistryPorts } from '../../../functions/services/registry/bring-in-line.ts';
import type { Parameter } from '../../../functions/services/registry/read-registrations.ts';

const keyOf = ({ kind, id }: Pick<RegistryItem, 'kind' | 'id'>): string => `${kind} ${id}`;

/** The parameters and the table of a mesh in memory, with the conditions of DynamoDB. */
export class MemoryRegistry {
  readonly parameters = new Map<string, string>();
  readonly table = new Map<string, RegistryItem>();
  /** Successful writes and removals. */
  changes = 0;
  #now = 1_000;

  declare(name: string, value: object | string): void {
    this.parameters.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }

  /** @param beforeWrite runs before each write and removal, e.g. to let another run go first */
  ports(beforeWrite: () => Promise<void> = async () => {}): RegistryPorts {
    const commit = async (expected: number | undefined, key: string, change: () => void) => {
      await beforeWrite();
      if (this.table.get(key)?.revision !== expected) return 'conflict';
      change();
      this.changes++;
      return 'written';
    };
    return {
      parameters: async (): Promise<readonly Parameter[]> => [...this.parameters].map(([name, value]) => ({ name, value })),
      items: async () => [...this.table.values()],
      write: (item, expected) => commit(expected, keyOf(item), () => this.table.set(keyOf(item), item)),
      remove: (item) => commit(item.revision, keyOf(item), () => this.table.delete(keyOf(item))),
      now: () => this.#now++,
    };
  }

  /** The JSON values of the table, by key. */
  get values(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.table].sort().map(([key, { value }]) => [key, JSON.parse(value)]));
  }
}
