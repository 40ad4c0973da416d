import type { Hop } from '../../../client/journeys/hop.ts';
import type { RegisteredAgent } from '../../../client/registry/agent-registrations.ts';
import type { OperatedOffer } from '../../../client/rollouts/operated-offer.ts';
import type { Offer } from '../../../events/offer.ts';
import type { LatestSnapshot } from '../../../events/snapshot.ts';

/** What the service reads. It writes nothing. */
export interface OperationsPorts {
  /** The mesh's agents, in alphabetical order. */
  agents(): Promise<readonly RegisteredAgent[]>;
  /** An agent of the mesh; `undefined` if there is none of this id. */
  agent(id: string): Promise<RegisteredAgent | undefined>;
  /** The offers of a capability, by one query. */
  offers(capability: string): Promise<readonly Offer[]>;
  /** The offers of an agent, and the rollouts to it. */
  offersOf(agent: Pick<RegisteredAgent, 'id' | 'capabilities'>): Promise<readonly OperatedOffer[]>;
  /** The latest snapshot of each agent that has one, in alphabetical order of the agents. */
  latest(): Promise<readonly LatestSnapshot[]>;
  /** The hops of a journey, as `MeshClient.journey` finds them. */
  journey(id: string, source: string | undefined): AsyncIterable<Hop>;
  /** The latest snapshot of an agent, if it has one. */
  latestOf(id: string): Promise<LatestSnapshot | undefined>;
}
