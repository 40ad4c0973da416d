import { type Downstream, type LoadReading, ownLoad, slowerOf } from '../../../events/load-reading.ts';

/**
 * Gives each agent the load of the slowest agent that it calls, directly or not: so pressure reaches the first producer through every
 * chain and cycle.
 *
 * @param own by agent, without `downstream`
 * @param callsOf the agents that an agent may send to
 */
export function spreadLoads(
  own: ReadonlyMap<string, LoadReading>,
  callsOf: (agent: string) => readonly string[],
): ReadonlyMap<string, LoadReading> {
  return new Map([...own].map(([agent, reading]) => [agent, { ...reading, downstream: slowestBelow(agent, own, callsOf) }]));
}

function slowestBelow(
  agent: string,
  own: ReadonlyMap<string, LoadReading>,
  callsOf: (agent: string) => readonly string[],
): Downstream | undefined {
  const seen = new Set([agent]);
  const left = [...callsOf(agent)];
  let slowest: Downstream | undefined;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const reading = own.get(next);
    if (reading !== undefined) slowest = slowerOf(slowest, ownLoad(next, reading));
    left.push(...callsOf(next));
  }
  return slowest;
}
