import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { functionEnvironment } from '../compare/contestant.ts';
import { type Counts, requestCount } from '../stub/counts.ts';
import { itemBytes } from '../stub/item-size.ts';
import { reply, type Stub, startStub } from '../stub/start-stub.ts';
import { OFFERS_TABLE } from '../stub/table-names.ts';
import { type Times, timesSchema, type Work } from './client-work.ts';
import { fillOffers } from './fill-offers.ts';
import { type OfferAttributes, offerItems, offerItemsWithRollouts } from './offer-items.ts';

/** A mesh, and a capability in it that is asked for. */
export interface RegistryCase {
  /** Items of the whole table of offers. */
  readonly items: number;
  /** Those of the capability. */
  readonly matches: number;
  /** Each of them has had a rollout, and one is under way. @default false */
  readonly hasRollouts?: boolean;
}

/** What it takes to find an agent. */
export interface RegistryFigures extends RegistryCase {
  /** Of an item of the capability, on average. */
  readonly itemBytes: number;
  /** `MeshClient.findAgents`. */
  readonly find: Counted & Times;
  /** The first message of a process to the capability. */
  readonly cold: Counted & Times;
  /** Each further one. */
  readonly pick: Counted & Times;
  /** The same with a range of versions and a latency. */
  readonly pickRange: Counted & Times;
  /** A process that sends 1,000 messages a second. */
  readonly load: { readonly seconds: number; readonly requests: number; readonly readUnits: number };
}

/** Of one find or pick. */
interface Counted {
  readonly requests: number;
  readonly readUnits: number;
  /** What DynamoDB answers, with its headers. */
  readonly answerBytes: number;
}

interface Effort {
  readonly cases: readonly RegistryCase[];
  /** How much work is timed: so many offers are read or compared for each figure. */
  readonly offers: number;
  readonly loadSeconds: number;
  readonly onProgress: (step: string) => void;
}

/** Those of `npm run bench -- registry`. */
export const REGISTRY_CASES: readonly RegistryCase[] = [
  { items: 10, matches: 1 },
  { items: 10, matches: 10 },
  ...[1_000, 10_000].flatMap((items) => [1, 20, 200].map((matches) => ({ items, matches }))),
  { items: 10_000, matches: 10_000 },
  { items: 1_000, matches: 200, hasRollouts: true },
];

const CAPABILITY = 'sentiment-analysis';

/** Agents of each of the other capabilities in the table. */
const AGENTS_OF_OTHERS = 3;

/** Fills a table for each case, and finds agents in it from a process of their own. */
export async function measureRegistry({ cases, onProgress, ...effort }: Effort): Promise<readonly RegistryFigures[]> {
  const figures: RegistryFigures[] = [];
  for (const each of cases) {
    onProgress(`${each.items} items, of which ${each.matches} have the capability${each.hasRollouts ? ', with rollouts' : ''}`);
    figures.push(await measureCase(each, effort));
  }
  return figures;
}

async function measureCase(each: RegistryCase, { offers, loadSeconds }: Pick<Effort, 'offers' | 'loadSeconds'>): Promise<RegistryFigures> {
  await using stub = await startStub();
  const own = itemsOf(each);
  await fillOffers(stub.endpoint, [...own, ...othersOf(each)]);
  const client = fork(join(import.meta.dirname, 'client.ts'), [], {
    env: { ...functionEnvironment(stub), POSTHORN_OFFERS_TABLE: OFFERS_TABLE },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(client, 'exit');
  try {
    const times = Math.max(4, Math.min(Math.round(offers / each.matches), offers / 20));
    const measured = async (what: Work['what'], count: number) => {
      await ask(client, { what, capability: CAPABILITY, times: Math.ceil(count / 4) });
      await stub.forget();
      const took = await ask(client, { what, capability: CAPABILITY, times: count });
      return { ...took, ...countedOf(await stub.counts(), count) };
    };
    return {
      ...each,
      itemBytes: own.reduce((sum, item) => sum + itemBytes(marshall(item)), 0) / own.length,
      find: await measured('find', times),
      cold: await measured('cold', times),
      pick: await measured('pick', times * 20),
      pickRange: await measured('pick-range', times * 20),
      load: await underLoad(client, stub, loadSeconds),
    };
  } finally {
    client.disconnect();
    await exited;
  }
}

function itemsOf({ matches, hasRollouts = false }: RegistryCase): readonly OfferAttributes[] {
  return hasRollouts ? offerItemsWithRollouts(CAPABILITY, matches) : offerItems(CAPABILITY, matches);
}

function othersOf({ items, matches }: RegistryCase): readonly OfferAttributes[] {
  const capabilities = Math.ceil((items - matches) / AGENTS_OF_OTHERS);
  return Array.from({ length: capabilities }, (_, nth) => offerItems(`other-${nth}`, AGENTS_OF_OTHERS))
    .flat()
    .slice(0, items - matches);
}

async function underLoad(client: ChildProcess, stub: Stub, seconds: number): Promise<RegistryFigures['load']> {
  await stub.forget();
  await ask(client, { what: 'load', capability: CAPABILITY, times: seconds * 1_000 });
  const { requests, readUnits } = countedOf(await stub.counts(), 1);
  return { seconds, requests, readUnits };
}

async function ask(client: ChildProcess, work: Work): Promise<Times> {
  const answered = reply(client);
  client.send(work);
  return timesSchema.parse(await answered);
}

const countedOf = (counts: Counts, times: number): Counted => ({
  requests: requestCount(counts) / times,
  readUnits: counts.readUnits / times,
  answerBytes: counts.sentBytes / times,
});
