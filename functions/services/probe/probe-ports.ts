import type { OperatedOffer } from '../../../client/rollouts/operated-offer.ts';
import type { OfferKey } from '../../../client/rollouts/update-offer.ts';
import type { MetricsEntry } from '../../../events/metrics-record.ts';
import type { OfferHealth } from '../../../events/offer.ts';
import type { AgentRegistration } from '../../../events/registration.ts';
import type { Rollout } from '../../../events/rollout.ts';
import type { LatestSnapshot, Snapshot } from '../../../events/snapshot.ts';
import type { Logger } from '../../runtime/ports.ts';

/** What the probe reads and writes. */
export interface ProbePorts {
  agents(): Promise<readonly AgentRegistration[]>;
  /** By agent id. */
  latest(): Promise<ReadonlyMap<string, LatestSnapshot>>;
  /** The items of an agent's metrics record, unmarshalled. */
  record(agentId: string, shards: number): Promise<Readonly<Record<MetricsEntry, readonly Readonly<Record<string, unknown>>[]>>>;
  queues(agentId: string): Promise<Snapshot['queues']>;
  /** Reads all event source mappings. @returns whether that of an agent is switched off; `undefined` where it has none */
  mappings(): Promise<(agentId: string) => boolean | undefined>;
  /** An agent's oldest snapshot since then. */
  firstSince(agentId: string, sinceMs: number): Promise<Snapshot | undefined>;
  write(latest: LatestSnapshot): Promise<void>;
  /** Tells the registry how an agent does, in each of its offers that is there. */
  judge(agent: Pick<AgentRegistration, 'id' | 'capabilities'>, health: OfferHealth): Promise<void>;
  /** All offers of the mesh, with the rollouts in them. */
  offers(): Promise<readonly OperatedOffer[]>;
  /** @returns `false` if the agent does not offer the capability any more */
  setWeight(offer: OfferKey, weight: number): Promise<boolean>;
  /** @param last as it was read. @returns `false` if it has changed since, or its agent does not offer the capability any more */
  writeRollout(offer: OfferKey, rollout: Rollout, last: string | undefined): Promise<boolean>;
  /** Removes the latest snapshot of an agent that is no longer in the mesh. */
  forget(agentId: string): Promise<void>;
  /** Epoch milliseconds. */
  now(): number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}
