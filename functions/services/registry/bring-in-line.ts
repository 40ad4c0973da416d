import type { OfferItem } from '../../../events/offer.ts';
import type { RegistryItem } from '../../../events/registry.ts';
import { readOffers } from './read-offers.ts';
import type { Parameter } from './read-registrations.ts';
import { keyOf, type Wanted, wantedItems } from './wanted-items.ts';
import { type DeclaredOffer, offerKeyOf, wantedOffers } from './wanted-offers.ts';

/** The parameters of a mesh, its registry table, and its table of offers. */
export interface RegistryPorts {
  /** All parameters under the mesh's path. */
  parameters(): Promise<readonly Parameter[]>;
  /** All items. Strongly consistent. */
  items(): Promise<readonly RegistryItem[]>;
  /** Writes an item if its revision is still `expected`; `undefined`: if there is none. */
  write(item: RegistryItem, expected: number | undefined): Promise<'written' | 'conflict'>;
  /** Removes an item if its revision is still the one given. */
  remove(item: RegistryItem): Promise<'written' | 'conflict'>;
  /** All items of the table of offers, unmarshalled. Strongly consistent. */
  offers(): Promise<readonly unknown[]>;
  /** Writes what is declared of an offer, if its revision is still `expected`; `undefined`: if there is none. The rest stays. */
  writeOffer(offer: DeclaredOffer & { readonly revision: number }, expected: number | undefined): Promise<'written' | 'conflict'>;
  /** Removes an offer if its revision is still the one given. */
  removeOffer(offer: OfferItem): Promise<'written' | 'conflict'>;
  /** Waits while another run goes on: longer with each conflict. */
  pause(conflicts: number): Promise<void>;
  /** Epoch milliseconds. */
  now(): number;
}

/** What a run changed, and the registrations that it could not use. */
export interface RegistryReport {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** A sentence for each registration that is ignored, the name of its parameter and why; and for each item that is no offer. */
  readonly ignored: readonly string[];
}

/** Some items could not be written or removed. All others are in line. */
export class UnwrittenItemsError extends AggregateError {
  override readonly name = 'UnwrittenItemsError';
  readonly report: RegistryReport;

  constructor(failures: ReadonlyMap<string, unknown>, report: RegistryReport) {
    const sentences = [...failures].map(([key, error]) => `${key}: ${error instanceof Error ? error.message : String(error)}`);
    super([...failures.values()], `${failures.size} items of the registry are not in line: ${sentences.join('; ')}`);
    this.report = report;
  }
}

/**
 * A conflict means that another run has made progress. Agents that are deployed together cause a run each: without pauses, they would
 * read everything again and again, only to meet at the next item.
 */
const MAX_CONFLICTS = 5;

/**
 * Brings the tables in line with the parameters. Any number of runs, at the same time too, end in the same table: items are
 * read before the parameters, and each write names the revision that it replaces, so that no run undoes a newer one. A removed item has
 * no revision: a slow run may write it again. Therefore a run that has changed anything reads everything once more.
 *
 * An item that cannot be written keeps no other from being written: a revocation reaches everyone else.
 *
 * @throws UnwrittenItemsError naming each item that could not be written or removed
 * @throws Error when other runs came in between again and again, and whatever the ports throw when they read
 */
export async function bringInLine(ports: RegistryPorts): Promise<RegistryReport> {
  const [written, removed] = [new Set<string>(), new Set<string>()];
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; ) {
    const [items, { offers, ignored }] = await Promise.all([ports.items(), ports.offers().then(readOffers)]);
    const wanted = wantedItems(items, await ports.parameters());
    const targets = { ports, written, removed };
    const { result, failures } = await apply([...changesOf(items, wanted, targets), ...offerChangesOf(offers, wanted, targets)]);
    if (result === 'unchanged') {
      const report = { written: [...written], removed: [...removed], ignored: [...wanted.ignored, ...ignored] };
      if (failures.size > 0) throw new UnwrittenItemsError(failures, report);
      return report;
    }
    if (result !== 'conflict') continue;
    conflicts++;
    if (conflicts < MAX_CONFLICTS) await ports.pause(conflicts);
  }
  throw new Error(`other runs changed the registry during each of ${MAX_CONFLICTS} attempts`);
}

/** One change of an item. */
interface Change {
  readonly key: string;
  readonly done: Set<string>;
  commit(): Promise<'written' | 'conflict'>;
}

interface Targets {
  readonly ports: RegistryPorts;
  readonly written: Set<string>;
  readonly removed: Set<string>;
}

async function apply(
  changes: readonly Change[],
): Promise<{ readonly result: 'unchanged' | 'changed' | 'conflict'; readonly failures: ReadonlyMap<string, unknown> }> {
  const failures = new Map<string, unknown>();
  let result: 'unchanged' | 'changed' = 'unchanged';
  for (const { key, done, commit } of changes) {
    try {
      if ((await commit()) === 'conflict') return { result: 'conflict', failures };
      done.add(key);
      result = 'changed';
    } catch (error) {
      failures.set(key, error);
    }
  }
  return { result, failures };
}

function changesOf(items: readonly RegistryItem[], wanted: Wanted, { ports, written, removed }: Targets): readonly Change[] {
  const existing = new Map(items.map((item) => [keyOf(item), item]));
  const writes = [...wanted.items].flatMap(([key, item]): Change[] => {
    const current = existing.get(key);
    if (current?.value === item.value) return [];
    const commit = () => ports.write({ ...item, revision: nextRevision(current, ports) }, current?.revision);
    return [{ key, done: written, commit }];
  });
  const removals = [...existing].flatMap(([key, item]): Change[] =>
    wanted.items.has(key) || wanted.kept.has(key) ? [] : [{ key, done: removed, commit: () => ports.remove(item) }],
  );
  return [...writes, ...removals];
}

function offerChangesOf(offers: readonly OfferItem[], wanted: Wanted, { ports, written, removed }: Targets): readonly Change[] {
  const declared = wantedOffers(offers, wanted.agents);
  const existing = new Map(offers.map((offer) => [offerKeyOf(offer), offer]));
  const writes = declared.flatMap((offer): Change[] => {
    const key = offerKeyOf(offer);
    const current = existing.get(key);
    if (current?.declared === offer.declared) return [];
    const commit = () => ports.writeOffer({ ...offer, revision: nextRevision(current, ports) }, current?.revision);
    return [{ key, done: written, commit }];
  });
  const keys = new Set(declared.map(offerKeyOf));
  const removals = [...existing].flatMap(([key, offer]): Change[] =>
    keys.has(key) || wanted.kept.has(keyOf({ kind: 'agent', id: offer.agent }))
      ? []
      : [{ key, done: removed, commit: () => ports.removeOffer(offer) }],
  );
  return [...writes, ...removals];
}

const nextRevision = (current: { readonly revision: number } | undefined, ports: RegistryPorts): number =>
  Math.max((current?.revision ?? 0) + 1, ports.now());
