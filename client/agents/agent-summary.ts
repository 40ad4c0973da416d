import { isEjected } from '../../events/find-offers.ts';
import type { Offer } from '../../events/offer.ts';
import type { LatestSnapshot } from '../../events/snapshot.ts';
import { agentLoad } from '../metrics/agent-load.ts';
import type { RegisteredAgent } from '../registry/agent-registrations.ts';

/** A capability of an agent, and its share in it. */
export interface OfferedCapability {
  readonly id: string;
  /** Its share of the capability's journeys, beside the weights of the others: 0 to 100; `undefined` until the registry has written it. */
  readonly weight: number | undefined;
}

/** An agent of a mesh: what it is, and how it does by its latest snapshot. */
export interface AgentSummary {
  readonly agent: string;
  readonly version: string;
  /** The app that has deployed it: `mesh` is the one that owns the mesh. */
  readonly app: string | undefined;
  readonly capabilities: readonly OfferedCapability[];
  /** `false` while the probe has ejected it: it gets no messages by capability where another agent can. */
  readonly isHealthy: boolean;
  /** Why it is not healthy. */
  readonly reason: string | undefined;
  /** The 95th percentile of waiting plus that of handling, in the last minutes; `undefined` where nothing was measured. */
  readonly p95Ms: number | undefined;
  /** How long a message that is sent now waits before it is received; `undefined` where nothing shows it. */
  readonly expectedWaitSeconds: number | undefined;
  /** The share of attempts that failed although the message was not at fault, when the probe last saw any; `undefined` before. */
  readonly errorShare: number | undefined;
  /** Its event source mapping is switched off (`posthorn pause`): its messages wait. `undefined` where that is not known. */
  readonly isPaused: boolean | undefined;
  /** When the probe last saw it: the time of its latest snapshot; `undefined` before the first. */
  readonly at: Date | undefined;
}

/** What is known of an agent. */
export interface AgentSources {
  readonly registration: RegisteredAgent;
  /** Its own. */
  readonly offers: readonly Offer[];
  readonly latest: LatestSnapshot | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Says how an agent does. */
export function agentSummary({ registration, offers, latest, nowMs }: AgentSources): AgentSummary {
  const { id: agent, version, app, capabilities } = registration;
  const weights = new Map(offers.map(({ capability, weight }) => [capability, weight]));
  return {
    agent,
    version,
    app,
    capabilities: [...new Set(capabilities)].map((id) => ({ id, weight: weights.get(id) })),
    ...healthOf(latest?.health, nowMs),
    p95Ms: latest?.health?.p95Ms,
    expectedWaitSeconds: latest && agentLoad(latest).expectedWaitSeconds,
    errorShare: latest?.health?.errorShare,
    isPaused: latest?.now.isPaused,
    at: latest && new Date(latest.now.at),
  };
}

/** Whether an agent that was judged so is healthy now, and why not. */
export function healthOf(health: Offer['health'], nowMs: number): Pick<AgentSummary, 'isHealthy' | 'reason'> {
  const isHealthy = !isEjected({ health }, nowMs);
  return { isHealthy, reason: isHealthy ? undefined : health?.reason };
}
