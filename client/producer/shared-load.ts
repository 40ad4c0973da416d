import type { LoadReading } from '../../events/load-reading.ts';
import type { MeshClientOptions } from '../mesh-client-options.ts';

/** Between readings of an agent that the probe has not seen. */
const FIRST_INTERVAL_SECONDS = 5;

/** What is written by hand makes no hot loop, and no timer without end. */
const MIN_INTERVAL_SECONDS = 1;
const MAX_INTERVAL_SECONDS = 3_600;

/** The load of an agent, as it was read. */
export interface KnownLoad {
  /** `undefined` where the mesh publishes nothing yet. */
  readonly reading: LoadReading | undefined;
  /** When it is to be read again, epoch milliseconds. */
  readonly dueAt: number;
}

/** How a producer reads, and what it reads. */
export interface LoadSource {
  readonly connection: Pick<MeshClientOptions, 'endpoint' | 'region' | 'credentials'>;
  readonly table: string;
  readonly agent: string;
  read(): Promise<LoadReading | undefined>;
  /** Milliseconds since the epoch. */
  now(): number;
}

interface Read {
  readonly load: Promise<KnownLoad>;
  /** While the request is under way, it has no end. */
  dueAt: number;
}

const FOUND_BY_THE_SDK = {};
const reads = new WeakMap<object, Map<string, Read>>();

/** One request an interval serves all producers of a process that reach the agent with the same credentials. @throws what `read` throws */
export async function sharedLoad(source: LoadSource): Promise<KnownLoad> {
  const { endpoint, region, credentials } = source.connection;
  const known = readsWith(credentials);
  const key = JSON.stringify([endpoint, region, source.table, source.agent]);
  const last = known.get(key);
  if (last === undefined || source.now() >= last.dueAt) return begin(source, known, key);
  try {
    return await last.load;
  } catch {
    // That was the request of another producer, which may have been closed meanwhile.
    return known.get(key) === undefined ? begin(source, known, key) : sharedLoad(source);
  }
}

function readsWith(credentials: object = FOUND_BY_THE_SDK): Map<string, Read> {
  const known = reads.get(credentials) ?? new Map<string, Read>();
  reads.set(credentials, known);
  return known;
}

async function begin({ read, now }: LoadSource, known: Map<string, Read>, key: string): Promise<KnownLoad> {
  const load = read().then((reading) => ({ reading, dueAt: now() + intervalMsOf(reading) }));
  const under: Read = { load, dueAt: Number.POSITIVE_INFINITY };
  known.set(key, under);
  try {
    under.dueAt = (await load).dueAt;
    return await load;
  } catch (error) {
    known.delete(key);
    throw error;
  }
}

/** Until an agent's load is to be read again. */
export const intervalMsOf = (reading: LoadReading | undefined): number =>
  Math.min(MAX_INTERVAL_SECONDS, Math.max(MIN_INTERVAL_SECONDS, reading?.intervalSeconds ?? FIRST_INTERVAL_SECONDS)) * 1_000;
