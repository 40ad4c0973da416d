import type { PlantAgent, PlantOptions, PlantProducer } from './plant.ts';

/** A run of the plant that shows one thing. */
export interface Scenario extends PlantOptions {
  readonly name: string;
  /** The agent whose inbox is looked at: the slowest. */
  readonly slowest: PlantAgent;
  /** From this second on the rates are to be steady. */
  readonly steadyFrom: number;
}

const RATE = 100;
const FLOOD = 10 * RATE;

const agentOf = (capacity: PlantAgent['capacity']): PlantAgent => ({ id: 'slow', capacity });
const steady = agentOf(() => RATE);
const flood: PlantProducer = { to: 'slow', demand: () => FLOOD };
const several = (count: number, apartSeconds = 0): readonly PlantProducer[] =>
  Array.from({ length: count }, (_, index) => ({ ...flood, beginsAt: index * apartSeconds }));

/** Stops for so many seconds, an hour after the beginning. */
const pausing = (seconds: number) => agentOf((second) => (second >= 3_600 && second < 3_600 + seconds ? 0 : RATE));

function alone(name: string, slowest: PlantAgent, producers: readonly PlantProducer[], seconds: number, steadyFrom: number): Scenario {
  return { name, slowest, agents: [slowest], producers, seconds, steadyFrom };
}

const slowEnd: PlantAgent = { id: 'slow', capacity: () => RATE / 2 };
const chain: readonly PlantAgent[] = [
  { id: 'first', capacity: () => FLOOD, calls: ['second'] },
  { id: 'second', capacity: () => FLOOD / 2, calls: ['slow'] },
  slowEnd,
];
const cycle: readonly PlantAgent[] = [
  { id: 'first', capacity: () => FLOOD, calls: ['slow'] },
  { ...slowEnd, share: 0.5, calls: ['first'] },
];

/** A producer that sends as fast as it can, for comparison. */
export const UNGOVERNED: Scenario = alone('one producer without a governor', steady, [{ ...flood, kind: 'free' }], 3_600, 1_800);

/** An agent that never comes back, an hour after the beginning. Nothing is steady afterwards but what is sent to it. */
export const DEAD: Scenario = alone('the agent dies', pausing(Number.POSITIVE_INFINITY), several(10), 10_800, 3_900);

/** What the governor is measured by. Every producer would send ten times what the agent handles. */
export const SCENARIOS: readonly Scenario[] = [
  alone('one producer', steady, [flood], 7_200, 2_400),
  alone('ten producers', steady, several(10), 7_200, 2_400),
  alone('an agent that seems slow while it is idle', { ...steady, idleEstimate: 0.02 }, several(3), 7_200, 2_400),
  alone('ten producers, two minutes apart', steady, several(10, 120), 21_600, 14_400),
  alone('a hundred producers', steady, several(100), 21_600, 14_400),
  alone('the agent stops for 30 s', pausing(30), several(10), 10_800, 5_400),
  alone('the agent stops for ten minutes', pausing(600), several(10), 10_800, 7_200),
  alone(
    'the agent halves its speed',
    agentOf((second) => (second < 3_600 ? RATE : RATE / 2)),
    several(10),
    10_800,
    7_200,
  ),
  alone(
    'the agent doubles its speed',
    agentOf((second) => (second < 3_600 ? RATE : 2 * RATE)),
    several(10),
    10_800,
    7_200,
  ),
  // As `posthorn dev` has it: the probe looks each five seconds, and no count is late.
  {
    ...alone('three producers on a laptop', { ...steady, idleEstimate: 0.02 }, several(3), 600, 120),
    probeSeconds: 5,
    countDelaySeconds: 0,
  },
  {
    name: 'a chain whose last agent is slow',
    slowest: slowEnd,
    agents: chain,
    producers: several(3).map((each) => ({ ...each, to: 'first' })),
    seconds: 14_400,
    steadyFrom: 10_800,
  },
  {
    name: 'a cycle with a slow agent',
    slowest: slowEnd,
    agents: cycle,
    producers: several(3).map((each) => ({ ...each, to: 'first' })),
    seconds: 14_400,
    steadyFrom: 10_800,
  },
];
