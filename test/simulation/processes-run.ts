import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { resolveSettings } from '../../cli/settings.ts';
import { AwsMesh } from '../helpers/aws-mesh.ts';
import { event } from '../helpers/mesh-fixture.ts';
import { synthesizeMesh } from '../helpers/synthesize-mesh.ts';
import { until } from '../helpers/until.ts';
import { checkProcesses, type Verdict } from './processes-check.ts';
import { collectEvidence, type Produced } from './processes-evidence.ts';
import { Victims } from './processes-victims.ts';

export interface ProcessesOptions {
  readonly messages: number;
  /** Agent processes killed in mid-batch. */
  readonly kills: number;
  /** Kills of the cloud itself, among the others. @default one for every ten of `kills` */
  readonly cloudKills?: number;
  onProgress?(line: string): void;
}

export interface ProcessesReport extends Verdict {
  readonly messages: number;
  /** Messages of the chain that had an outcome. */
  readonly hops: number;
  readonly workerKills: number;
  readonly crashedInvocations: number;
  readonly cloudKills: number;
  /** How long the sender had to repeat a request, because there was no cloud. */
  readonly repeatedSends: number;
  readonly orphans: number;
  readonly seconds: number;
  readonly log: readonly string[];
}

const AGENTS = ['receiving', 'enriching', 'concluding'];
const BATCH = 10;

/**
 * Real processes, really killed: a chain of agents on the embedded cloud, each agent a process, all state on disk; SIGKILL to
 * agents with a batch in hand and to the cloud itself, while a producer sends. Then what is left is held against the promises.
 */
export async function runProcesses(options: ProcessesOptions): Promise<ProcessesReport> {
  const startedAt = performance.now();
  await using stack = new AsyncDisposableStack();
  const temporary = (folder: string) => stack.adopt(folder, (path) => rm(path, { recursive: true, force: true, maxRetries: 3 }));
  const assembly = temporary(await synthesizeMesh({ agentsFolder: join(import.meta.dirname, '../integration/mesh/chain') }));
  const data = temporary(await mkdtemp(join(tmpdir(), 'posthorn-processes-')));
  const victims = stack.adopt(new Victims(assembly, data), (processes) => processes.abandon());
  await victims.start();
  const mesh = stack.use(new AwsMesh(resolveSettings({ endpointUrl: victims.endpoint }, {})));

  const cloudKills = options.cloudKills ?? Math.floor(options.kills / 10);
  const say = options.onProgress ?? (() => undefined);
  const producer = new Producer(mesh, options.messages);
  const isDone = () => victims.workerKills >= options.kills && victims.cloudKills >= cloudKills;
  const share = () => (victims.workerKills + victims.cloudKills) / Math.max(1, options.kills + cloudKills);
  await Promise.all([
    producer.run(share, isDone),
    killAll(isDone, options.kills / Math.max(1, cloudKills), cloudKills, victims, producer, say),
  ]);
  say('everything is sent and everyone killed; waiting for the rest');
  await persistently(() => until('the inboxes are empty', () => isQuiet(mesh), { seconds: 300 }));
  const seconds = (performance.now() - startedAt) / 1_000;

  const evidence = await collectEvidence(mesh, AGENTS, producer.produced);
  const orphans = await victims.stop();
  const verdict = checkProcesses(evidence);
  return {
    ...verdict,
    violations: [...verdict.violations, ...orphans.map((pid) => `process ${pid} outlived its cloud`)],
    messages: producer.produced.length,
    hops: Object.values(verdict.outcomes).reduce((sum, count) => sum + count, 0),
    workerKills: victims.workerKills,
    crashedInvocations: victims.crashedInvocations,
    cloudKills: victims.cloudKills,
    repeatedSends: producer.repeatedSends,
    orphans: orphans.length,
    seconds,
    log: victims.log,
  };
}

/** Of a hundred messages: 10 fork, 5 fail once, 2 are rejected on their way, 1 fails for ever. */
function produce(index: number): Produced {
  const share = index % 100;
  const kind = share < 10 ? 'forked' : share < 15 ? 'unlucky' : share < 17 ? 'unwanted' : share < 18 ? 'doomed' : 'plain';
  const message = event({ kind });
  return { source: String(message.source), id: message.id, kind, body: JSON.stringify(message) };
}

/** Sends and does not give up: a request whose answer was lost is repeated, and so may be its messages. */
class Producer {
  readonly produced: Produced[] = [];
  /** The killer finds no busy process. */
  isWaitedFor = false;
  repeatedSends = 0;
  readonly #mesh: AwsMesh;
  readonly #messages: number;

  constructor(mesh: AwsMesh, messages: number) {
    this.#mesh = mesh;
    this.#messages = messages;
  }

  /** Sends for as long as the killing lasts, so more than asked if necessary. One batch in twenty is sent twice. */
  async run(killedShare: () => number, isDone: () => boolean): Promise<void> {
    const ahead = Math.min(1_000, this.#messages / 5);
    while (this.produced.length < this.#messages || !isDone()) {
      const { length } = this.produced;
      await until('the killing goes on', () => this.isWaitedFor || isDone() || length <= killedShare() * this.#messages + ahead, {
        seconds: 120,
      });
      const batch = Array.from({ length: BATCH }, (_, index) => produce(length + index));
      this.produced.push(...batch);
      await this.#send(batch);
      if ((length / BATCH) % 20 === 0) await this.#send(batch);
    }
  }

  #send(batch: readonly Produced[]): Promise<unknown> {
    return persistently(
      () =>
        this.#mesh.send(
          'receiving',
          batch.map(({ body }) => body),
        ),
      () => this.repeatedSends++,
    );
  }
}

/** @param every how many agents are killed for one cloud */
async function killAll(
  isDone: () => boolean,
  every: number,
  cloudKills: number,
  victims: Victims,
  producer: Producer,
  say: (line: string) => void,
): Promise<void> {
  while (!isDone()) {
    await setTimeout(200 + Math.random() * 800);
    producer.isWaitedFor = !(await victims.killWorker());
    if (producer.isWaitedFor) continue;
    if (victims.cloudKills < cloudKills && victims.workerKills >= (victims.cloudKills + 1) * every) await victims.killCloud();
    if (victims.workerKills % 10 === 0) say(lineOf(producer, victims));
  }
}

async function isQuiet(mesh: AwsMesh): Promise<boolean> {
  const depths = await Promise.all(AGENTS.map((agent) => mesh.depth(`posthorn-dev-${agent}-inbox`)));
  return depths.every((depth) => depth === 0);
}

const PERSISTENCE_SECONDS = 60;

/** Repeats what fails while the cloud is away. */
async function persistently<Result>(work: () => Promise<Result>, onRepeat: () => unknown = () => undefined): Promise<Result> {
  const deadline = performance.now() + PERSISTENCE_SECONDS * 1_000;
  for (;;) {
    try {
      return await work();
    } catch (cause) {
      if (performance.now() > deadline) throw new Error(`it failed for ${PERSISTENCE_SECONDS} s`, { cause });
      onRepeat();
      await setTimeout(100);
    }
  }
}

const lineOf = ({ produced }: Producer, { workerKills, cloudKills, crashedInvocations }: Victims) =>
  `${produced.length} sent; ${workerKills} agents killed (${crashedInvocations} batches seen to crash), the cloud ${cloudKills} times`;
