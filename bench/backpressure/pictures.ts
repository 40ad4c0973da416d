import { join } from 'node:path';
import { type PictureOptions, pictureOf } from './picture.ts';
import { DEAD, SCENARIOS, type Scenario, UNGOVERNED } from './scenarios.ts';

/** Where docs/backpressure.md has them. */
export const PICTURES_FOLDER = join(import.meta.dirname, '../../docs/backpressure');

/** By file name. */
const PICTURES: Readonly<Record<string, PictureOptions>> = {
  'one-producer': {
    title: 'A producer that would send ten times what the agent handles',
    scenarios: [
      { scenario: named('one producer'), label: 'governed' },
      { scenario: UNGOVERNED, label: 'in a loop' },
    ],
    ...{ toSecond: 3_600, scale: 'log' },
  },
  'ten-producers': {
    title: 'Ten producers, two minutes apart',
    scenarios: [{ scenario: named('ten producers, two minutes apart') }],
    ...{ toSecond: 7_200, showsProducers: true },
  },
  'stops-30-s': {
    title: 'The agent stops for 30 seconds',
    scenarios: [{ scenario: named('the agent stops for 30 s') }],
    ...{ fromSecond: 3_300, toSecond: 5_400 },
  },
  dies: {
    title: 'The agent dies',
    scenarios: [{ scenario: DEAD }],
    ...{ fromSecond: 3_300, toSecond: 6_900 },
  },
  'half-speed': {
    title: 'The agent halves its speed',
    scenarios: [{ scenario: named('the agent halves its speed') }],
    ...{ fromSecond: 3_300, toSecond: 6_900 },
  },
  chain: {
    title: 'A chain whose last agent is slow',
    scenarios: [{ scenario: named('a chain whose last agent is slow') }],
    ...{ toSecond: 10_800, scale: 'log' },
  },
  cycle: {
    title: 'A cycle with a slow agent',
    scenarios: [{ scenario: named('a cycle with a slow agent') }],
    toSecond: 7_200,
  },
};

/** @returns the pictures of docs/backpressure.md: by file name, their SVG */
export function drawPictures(): ReadonlyMap<string, string> {
  return new Map(Object.entries(PICTURES).map(([name, options]) => [`${name}.svg`, pictureOf(options)]));
}

function named(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`No scenario is called '${name}'`);
  return found;
}
