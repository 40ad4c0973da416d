import { type Downstream, type LoadReading, ownLoad, slowerOf } from '../../../events/load-reading.ts';

/**
 * Gives each agent the load of the slowest agent that it calls, directly or not, and the share in use of the busiest: so pressure reaches
 * the first producer through every chain and cycle.
 *
 * @param own by agent, without `downstream`
 * @param callsOf the agents that an agent may send to
 */
export function spreadLoads(
  own: ReadonlyMap<string, LoadReading>,
  callsOf: (agent: string) => readonly string[],
): ReadonlyMap<string, LoadReading> {
  return new Map([...own].map(([agent, reading]) => [agent, withDownstream(agent, reading, own, callsOf)]));
}

function withDownstream(
  agent: string,
  reading: LoadReading,
  own: ReadonlyMap<string, LoadReading>,
  callsOf: (agent: string) => readonly string[],
): LoadReading {
  const seen = new Set([agent]);
  const left = [...callsOf(agent)];
  let downstream: Downstream | undefined;
  let { busyShare } = reading;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const below = own.get(next);
    if (below !== undefined) {
      downstream = slowerOf(downstream, ownLoad(next, below));
      if (busyShare !== undefined && below.busyShare !== undefined) busyShare = Math.max(busyShare, below.busyShare);
    }
    left.push(...callsOf(next));
  }
  return { ...reading, busyShare, downstream };
}
