import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { quantileOf } from '../../events/histogram.ts';
import { type MetricsTotals, totalsSince } from '../../events/metrics-record.ts';
import { jainIndex } from '../jain-index.ts';
import { reply } from '../stub/start-stub.ts';
import { windowsOf } from '../windows-of.ts';
import type { Contestant } from './contestants.ts';
import { type ProducerOrder, type ProducerTally, producerTallySchema } from './producer-messages.ts';
import type { SteadyMesh } from './steady-mesh.ts';

/** What happened while a contestant sent. Once steady means in the second half of the time. */
export interface ProducerFigures {
  readonly name: string;
  readonly seconds: number;
  /** What the agent can handle, as it was measured before. */
  readonly capacityPerSecond: number;
  readonly sentPerSecond: number;
  readonly handledPerSecond: number;
  /** Handled divided by what the agent can handle, once steady. */
  readonly goodput: number;
  readonly peakDepth: number;
  /** Of a message that is sent at the end: the depth then, divided by what was handled each second, once steady. */
  readonly waitAtEndSeconds: number;
  /** 95% of what was handled once steady waited at most so long, by the agent's metrics; `undefined` where there are none of that time. */
  readonly waitP95Seconds: number | undefined;
  /** Resident memory of the producer's process, after a sixth of the time and at the end. */
  readonly memoryMb: readonly [settled: number, end: number];
  /** Its heap after a collection, at the same times. */
  readonly heapMb: readonly [settled: number, end: number];
  /** HTTP requests of the producer's process for a message, those for the load included. */
  readonly requestsPerMessage: number;
  /** The least of Jain's index over ten seconds, once steady; `undefined` for a single producer, and for a run that is too short. */
  readonly fairness: number | undefined;
  /** How far what was sent in ten seconds was from its mean, as a share of it, once steady; `undefined` for a run that is too short. */
  readonly swing: number | undefined;
  /** All messages that SQS took, after the end of the time, too. */
  readonly sent: number;
  /** By the agent's totals. */
  readonly handled: number;
  /** In the inbox when the agent was stopped. */
  readonly waiting: number;
  /** Sent, and neither handled nor waiting. */
  readonly lost: number;
}

export interface ProducerRun {
  readonly seconds: number;
  readonly capacityPerSecond: number;
  /** If more waits than the agent handles in this time, the agent is stopped instead. */
  readonly drainSeconds: number;
}

interface Sample {
  readonly at: number;
  readonly depth: number;
  readonly totals: MetricsTotals | undefined;
}

const SAMPLE_MS = 250;
const WINDOW_SECONDS = 10;

/**
 * Has a contestant send as much as it can for some time, from a process of its own.
 *
 * @param mesh whose inbox is empty
 * @throws Error when SQS refuses a message
 */
export async function measureProducer(mesh: SteadyMesh, contestant: Contestant, run: ProducerRun): Promise<ProducerFigures> {
  const { seconds, capacityPerSecond } = run;
  const before = (await mesh.nextSnapshot()).totals;
  const { tally, samples } = await sending(mesh, contestant, seconds);
  if (tally.refused > 0) throw new Error(`${tally.refused} messages of ${contestant.name} were refused`);
  const waiting = await settled(mesh, run);
  const { counters } = totalsSince((await mesh.nextSnapshot()).totals, before);

  const [start, half, end] = [0, seconds / 2, seconds].map((second) => tally.startedAt + second * 1_000) as [number, number, number];
  const handledIn = (from: number, to: number) => [...mesh.handledAt.values()].filter((at) => at >= from && at < to).length;
  const steadyPerSecond = handledIn(half, end) / (seconds / 2);
  const inTime = samples.filter(({ at }) => at <= end);
  const bySecond = Array.from({ length: seconds }, (_, second) => tally.sent.map((each) => each[second] ?? 0));
  const windows = windowsOf(bySecond.slice(Math.floor(seconds / 2)), WINDOW_SECONDS);
  const sent = sumOf(tally.sent.map(sumOf));
  const handled = counters.processed + counters.rejected + counters.deadLettered;
  return {
    name: contestant.name,
    seconds,
    capacityPerSecond,
    sentPerSecond: sumOf(bySecond.map(sumOf)) / seconds,
    handledPerSecond: handledIn(start, end) / seconds,
    goodput: steadyPerSecond / capacityPerSecond,
    peakDepth: Math.max(0, ...samples.map(({ depth }) => depth)),
    waitAtEndSeconds: (inTime.at(-1)?.depth ?? 0) / steadyPerSecond,
    waitP95Seconds: waitBetween(totalsAt(samples, half), totalsAt(samples, end)),
    memoryMb: megabytes(tally.memoryBytes),
    heapMb: megabytes(tally.heapBytes),
    requestsPerMessage: tally.requests / sent,
    fairness: contestant.producers === 1 || windows.length === 0 ? undefined : Math.min(...windows.map(fairnessOf)),
    swing: swingOf(windows.map((window) => sumOf(window.map(sumOf)))),
    sent,
    handled,
    waiting,
    lost: sent - handled - waiting,
  };
}

/** Looks at the inbox while a process sends. */
async function sending(mesh: SteadyMesh, { kind, producers }: Contestant, seconds: number) {
  const { agent, endpoint, region, queueUrl } = mesh;
  const child = fork(join(import.meta.dirname, 'producer.ts'), {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const answered = reply(child);
    const order: ProducerOrder = { endpoint, region, queueUrl, agent, kind, producers, seconds };
    child.send(order);
    const samples: Sample[] = [];
    let tally: ProducerTally | undefined;
    const ended = answered.then((answer) => {
      tally = producerTallySchema.parse(answer);
    });
    while (tally === undefined) {
      const [depth, snapshot] = await Promise.all([mesh.depth(), mesh.snapshot()]);
      samples.push({ at: Date.now(), depth, totals: snapshot?.totals });
      await Promise.race([ended, setTimeout(SAMPLE_MS)]);
    }
    return { tally, samples };
  } finally {
    child.kill();
  }
}

/** Waits until everything is handled or, where that takes too long, stops the agent. @returns how many messages wait then */
async function settled(mesh: SteadyMesh, { capacityPerSecond, drainSeconds }: ProducerRun): Promise<number> {
  if ((await mesh.depth()) > capacityPerSecond * drainSeconds) return mesh.stopped();
  await mesh.drained();
  return 0;
}

/** The latest totals that were known then. */
const totalsAt = (samples: readonly Sample[], time: number): MetricsTotals | undefined =>
  samples.findLast(({ at, totals }) => at <= time && totals !== undefined)?.totals;

function waitBetween(from: MetricsTotals | undefined, to: MetricsTotals | undefined): number | undefined {
  const p95Ms = to && quantileOf(totalsSince(to, from).wait, 0.95);
  return p95Ms && p95Ms / 1_000;
}

/** Of what each producer sent in these seconds. */
const fairnessOf = (seconds: readonly (readonly number[])[]): number =>
  jainIndex(seconds[0]?.map((_, producer) => sumOf(seconds.map((each) => each[producer] ?? 0))) ?? []);

function swingOf(sums: readonly number[]): number | undefined {
  if (sums.length < 2) return undefined;
  const mean = sumOf(sums) / sums.length;
  return Math.max(...sums.map((sum) => Math.abs(sum / mean - 1)));
}

const megabytes = ([settled, end]: readonly [number, number]): readonly [number, number] => [settled / 1e6, end / 1e6];

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
