import type { Authentication } from '../../events/authentication.ts';
import type { AgentMetrics } from '../metrics/agent-metrics.ts';
import { type AgentSources, type AgentSummary, agentSummary, healthOf, type OfferedCapability } from './agent-summary.ts';

/** A capability of an agent: what it is, and how the agent does in it. Without a card there are no texts. */
export interface DescribedCapability extends OfferedCapability {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly examples: readonly string[];
  /** As `isHealthy` of the agent, as senders see it: they read it within ten seconds. */
  readonly isHealthy: boolean;
  /** Why it is not healthy. */
  readonly reason: string | undefined;
}

/** Everything that a mesh knows of an agent. */
export interface AgentDetails extends Omit<AgentSummary, 'capabilities'> {
  /** `undefined` without a card: the agent's stack was deployed before there were cards, or its card had no room. */
  readonly description: string | undefined;
  readonly capabilities: readonly DescribedCapability[];
  /** The ids of the agents that it sends to. */
  readonly sendsTo: readonly string[];
  /** The capabilities that it sends to. */
  readonly calls: readonly string[];
  /** Batches handled at the same time. */
  readonly concurrency: number;
  readonly authentication: Authentication;
  /** By action: the message types that ask for it, and the roles that may do it. */
  readonly actions: Readonly<Record<string, { readonly types: readonly string[]; readonly allow: readonly string[] }>>;
  /** What its queues hold; `undefined` where that is not known. */
  readonly queues: AgentMetrics['queues'] | undefined;
}

/** Says what an agent is and how it does, its queues by its latest snapshot. */
export function agentDetails(sources: AgentSources): AgentDetails {
  const { registration, offers, latest, nowMs } = sources;
  const { card, calls, callsCapabilities, concurrency, authentication, actions } = registration;
  const judged = new Map(offers.map(({ capability, health }) => [capability, health]));
  const { capabilities, ...summary } = agentSummary(sources);
  return {
    ...summary,
    description: card?.description,
    capabilities: capabilities.map(({ id, weight }) => {
      const text = card?.capabilities[registration.capabilities.indexOf(id)];
      return {
        ...{ id, name: text?.name, description: text?.description, weight },
        ...healthOf(judged.get(id), nowMs),
        ...{ tags: text?.tags ?? [], examples: text?.examples ?? [] },
      };
    }),
    ...{ sendsTo: calls, calls: callsCapabilities, concurrency, authentication, actions },
    queues: latest?.now.queues,
  };
}
