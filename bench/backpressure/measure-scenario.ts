import { jainIndex } from '../jain-index.ts';
import { windowsOf } from '../windows-of.ts';
import { type PlantSecond, runPlant } from './plant.ts';
import type { Scenario } from './scenarios.ts';

/** What a scenario shows. Seconds are those of virtual time. */
export interface ScenarioFigures {
  readonly name: string;
  /** Handled by the slowest agent, divided by what it could have handled, once steady. */
  readonly goodput: number;
  /** The least and the most that a message waits there, once steady. */
  readonly waitSeconds: readonly [least: number, most: number];
  /** The most messages that ever waited in one inbox. */
  readonly peakBacklog: number;
  /** The least of Jain's index over windows of ten seconds, once steady: 1 where all producers send the same. */
  readonly fairness: number;
  /** How far the sum of what producers sent in a minute was from its mean, as a share of it, once steady. */
  readonly swing: number;
  /** Messages that came to an inbox, and are neither handled nor waiting there. */
  readonly lost: number;
}

const FAIRNESS_WINDOW = 10;
const SWING_WINDOW = 60;

/** Runs a scenario. */
export function measureScenario(scenario: Scenario): ScenarioFigures {
  const { name, slowest, steadyFrom } = scenario;
  const steady: PlantSecond[] = [];
  let [peakBacklog, handledByAll] = [0, 0];
  let last: PlantSecond | undefined;
  for (const second of runPlant(scenario)) {
    if (second.second >= steadyFrom) steady.push(second);
    peakBacklog = Math.max(peakBacklog, ...second.backlog.values());
    handledByAll += sumOf([...second.handled.values()]);
    last = second;
  }
  const waits = steady.map(({ backlog, second }) => (backlog.get(slowest.id) ?? 0) / Math.max(1, slowest.capacity(second)));
  const minutes = windowsOf(
    steady.map((each) => sumOf(each.sent)),
    SWING_WINDOW,
  ).map(sumOf);
  const mean = sumOf(minutes) / minutes.length;
  return {
    name,
    goodput: sumOf(steady.map(({ handled }) => handled.get(slowest.id) ?? 0)) / sumOf(steady.map(({ second }) => slowest.capacity(second))),
    waitSeconds: [Math.min(...waits), Math.max(...waits)],
    peakBacklog,
    fairness: Math.min(...windowsOf(steady, FAIRNESS_WINDOW).map(jainOf)),
    swing: Math.max(...minutes.map((minute) => Math.abs(minute / mean - 1))),
    lost: sumOf([...(last?.arrived.values() ?? [])]) - handledByAll - sumOf([...(last?.backlog.values() ?? [])]),
  };
}

/** Jain's index of what each producer sent. */
const jainOf = (seconds: readonly PlantSecond[]): number =>
  jainIndex(seconds[0]?.sent.map((_, index) => sumOf(seconds.map(({ sent }) => sent[index] ?? 0))) ?? []);

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
