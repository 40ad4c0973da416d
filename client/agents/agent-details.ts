import type { Authentication } from '../../events/authentication.ts';
import type { Rollout } from '../../events/rollout.ts';
import type { AgentMetrics } from '../metrics/agent-metrics.ts';
import type { OperatedOffer } from '../rollouts/operated-offer.ts';
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
  /** The last rollout of the capability to this agent, which explains its weight. */
  readonly rollout: Rollout | undefined;
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
  /** Whether every agent of the mesh may reply to it. */
  readonly receivesReplies: boolean;
  /** Batches handled at the same time. */
  readonly concurrency: number;
  /** The longest that a message should wait. */
  readonly latencyGoalSeconds: number;
  readonly authentication: Authentication;
  /** By action: the message types that ask for it, and the roles that may do it. */
  readonly actions: Readonly<Record<string, { readonly types: readonly string[]; readonly allow: readonly string[] }>>;
  /** What its queues hold; `undefined` where that is not known. */
  readonly queues: AgentMetrics['queues'] | undefined;
}

/** What is known of an agent, and of the rollouts to it. */
export type DetailSources = Omit<AgentSources, 'offers'> & { readonly offers: readonly OperatedOffer[] };

/** Says what an agent is and how it does, its queues by its latest snapshot. */
export function agentDetails({ registration, offers, latest, nowMs }: DetailSources): AgentDetails {
  const { card, calls, callsCapabilities, receivesReplies, concurrency, latencyGoalSeconds, authentication, actions } = registration;
  const operated = new Map(offers.map((each) => [each.offer.capability, each]));
  const { capabilities, ...summary } = agentSummary({ registration, offers: offers.map(({ offer }) => offer), latest, nowMs });
  return {
    ...summary,
    description: card?.description,
    capabilities: capabilities.map(({ id, weight }) => {
      const text = card?.capabilities[registration.capabilities.indexOf(id)];
      return {
        ...{ id, name: text?.name, description: text?.description, weight },
        ...healthOf(operated.get(id)?.offer.health, nowMs),
        rollout: operated.get(id)?.rollout,
        ...{ tags: text?.tags ?? [], examples: text?.examples ?? [] },
      };
    }),
    ...{ sendsTo: calls, calls: callsCapabilities, receivesReplies, concurrency, latencyGoalSeconds, authentication, actions },
    queues: latest?.now.queues,
  };
}
