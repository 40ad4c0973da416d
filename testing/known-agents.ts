import { compareVersions } from '../events/compare-versions.ts';
import { FULL_WEIGHT, type Offer } from '../events/offer.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import type { Ports } from '../functions/runtime/ports.ts';
import { absentAgents } from './absent-agents.ts';

/** Of agents that do not run, and so have none. */
const ABSENT_VERSION = '1.0.0';

/**
 * What the registry of a mesh would say of agents that are deployed together: who offers what, and who receives replies. Of several agents
 * with one capability, the one with the lowest version has all of its journeys.
 */
export function knownAgents(agents: readonly AgentDefinition[]): Pick<Ports, 'registry' | 'offers'> {
  const present = agents.map(({ id, version, capabilities = [] }) => ({ id, version, capabilities: capabilities.map((each) => each.id) }));
  const absent = absentAgents(agents).flatMap(({ id, capability }) =>
    capability === undefined ? [] : [{ id, version: ABSENT_VERSION, capabilities: [capability] }],
  );
  const lowestFirst = [...present, ...absent].sort(
    (one, other) => compareVersions(one.version, other.version) || (one.id < other.id ? -1 : 1),
  );
  const repliesTo = agents.flatMap(({ id, receivesReplies = false }) => (receivesReplies ? [id] : []));
  return {
    registry: { readAccess: async (agent) => ({ agent, actions: {}, principals: {}, tokenHolders: [], issuers: [], repliesTo }) },
    offers: {
      of: async (capability) =>
        lowestFirst
          .filter(({ capabilities }) => capabilities.includes(capability))
          .map(
            ({ id, version }, index): Offer => ({
              ...{ capability, agent: id, version },
              weight: index === 0 ? FULL_WEIGHT : 0,
              health: undefined,
            }),
          ),
    },
  };
}
