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
  const below = readingsBelow(agent, own, callsOf);
  const shares = below.flatMap(([, { busyShare }]) => busyShare ?? []);
  return {
    ...reading,
    downstream: below.reduce<Downstream | undefined>((slowest, [id, each]) => slowerOf(slowest, ownLoad(id, each)), undefined),
    busiestDownstream: shares.length === 0 ? undefined : Math.max(...shares),
  };
}

/** Of the agents that it calls, directly or not. */
function readingsBelow(
  agent: string,
  own: ReadonlyMap<string, LoadReading>,
  callsOf: (agent: string) => readonly string[],
): readonly (readonly [string, LoadReading])[] {
  const below = new Set(callsOf(agent));
  for (const id of below) for (const next of callsOf(id)) below.add(next);
  below.delete(agent);
  return [...below].flatMap((id) => {
    const reading = own.get(id);
    return reading === undefined ? [] : [[id, reading] as const];
  });
}
