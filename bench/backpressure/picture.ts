import { chartSvg, type Line, type Panel } from './chart-svg.ts';
import { type PlantSecond, runPlant } from './plant.ts';
import type { Scenario } from './scenarios.ts';
import { waitBySecond } from './wait-by-second.ts';

export interface PictureOptions {
  readonly title: string;
  /** Drawn in the first style, and a second in the second. Their agents are the same. */
  readonly scenarios: readonly { readonly scenario: Scenario; readonly label?: string }[];
  readonly fromSecond?: number;
  readonly toSecond: number;
  /** A line for each producer in place of their sum. */
  readonly showsProducers?: boolean;
  /** @default 'linear' */
  readonly scale?: Panel['scale'];
}

const POINTS = 360;
const STYLES = ['first', 'second', 'third'] as const;
const GOAL_SECONDS = 30;

/** Draws what producers send, how long a message waits at the slowest agent, and how many wait, from the plant. */
export function pictureOf({
  title,
  scenarios,
  fromSecond = 0,
  toSecond,
  showsProducers = false,
  scale = 'linear',
}: PictureOptions): string {
  const runs = scenarios.map((each, index) => runOf(each, { fromSecond, toSecond, style: STYLES[index] ?? 'muted' }));
  const goal: Line = { style: 'muted', label: 'goal', points: Array.from({ length: POINTS }, () => GOAL_SECONDS) };
  return chartSvg({
    ...{ title, fromSecond, toSecond },
    panels: [
      {
        ...{ title: showsProducers ? 'Sent each second, by producer' : 'Sent each second', scale },
        lines: [...runs.slice(0, 1).map(capacityLine), ...runs.flatMap((run) => (showsProducers ? producerLines(run) : [sumLine(run)]))],
      },
      { title: 'Wait of a message that is sent now, in seconds', scale, lines: [goal, ...runs.map(waitLine)] },
      { title: 'Messages that wait', scale, lines: runs.flatMap(backlogLines) },
    ],
  });
}

/** A scenario that has run, in the time of the picture. */
interface Run {
  readonly scenario: Scenario;
  readonly label: string | undefined;
  readonly style: Line['style'];
  readonly seconds: readonly PlantSecond[];
  readonly waits: readonly (number | undefined)[];
}

function runOf(
  { scenario, label }: PictureOptions['scenarios'][number],
  { fromSecond, toSecond, style }: { readonly fromSecond: number; readonly toSecond: number; readonly style: Line['style'] },
): Run {
  const all = [...runPlant(scenario)];
  const waits = waitBySecond(all, scenario.slowest);
  return { scenario, label, style, seconds: all.slice(fromSecond, toSecond), waits: waits.slice(fromSecond, toSecond) };
}

const capacityLine = ({ scenario: { slowest }, seconds }: Run): Line => {
  const capacities = seconds.map(({ second }) => slowest.capacity(second));
  return { style: 'muted', label: 'the agent handles', points: bucketed(capacities, meanOf) };
};

function sumLine({ seconds, style, label }: Run): Line {
  const sums = seconds.map(({ sent }) => sent.reduce((sum, each) => sum + each, 0));
  return { style, label, points: bucketed(sums, meanOf) };
}

function producerLines({ seconds }: Run): readonly Line[] {
  const producers = seconds[0]?.sent ?? [];
  return producers.map((_, index): Line => {
    const rates = seconds.map(({ sent }) => sent[index] ?? 0);
    return { style: STYLES[index % STYLES.length] ?? 'muted', points: bucketed(rates, meanOf) };
  });
}

const waitLine = ({ style, label, waits }: Run): Line => ({ style, label, points: bucketed(waits, mostOf) });

/** One of each inbox. */
function backlogLines({ scenario: { agents }, seconds, style, label }: Run): readonly Line[] {
  return agents.map(({ id }, nth): Line => {
    const points = bucketed(
      seconds.map(({ backlog }) => backlog.get(id) ?? 0),
      mostOf,
    );
    return agents.length === 1 ? { style, label, points } : { style: STYLES[nth] ?? 'muted', label: id, points };
  });
}

/** As many values as a chart has points. */
function bucketed<Value>(values: readonly Value[], one: (values: readonly Value[]) => number | undefined): readonly (number | undefined)[] {
  const size = values.length / POINTS;
  return Array.from({ length: POINTS }, (_, index) => one(values.slice(Math.floor(index * size), Math.floor((index + 1) * size))));
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** `undefined` where one of them is. */
function mostOf(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((most, value) => (most === undefined || value === undefined ? undefined : Math.max(most, value)), 0);
}
