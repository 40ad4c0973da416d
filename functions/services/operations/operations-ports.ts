import type { Hop } from '../../../client/journeys/hop.ts';
import type { AgentRegistration } from '../../../events/registration.ts';
import type { LatestSnapshot } from '../../../events/snapshot.ts';

/** What the service reads. It writes nothing. */
export interface OperationsPorts {
  /** The mesh's agents, in alphabetical order. */
  agents(): Promise<readonly AgentRegistration[]>;
  /** An agent of the mesh; `undefined` if there is none of this id. */
  agent(id: string): Promise<AgentRegistration | undefined>;
  /** The latest snapshot of each agent that has one, in alphabetical order of the agents. */
  latest(): Promise<readonly LatestSnapshot[]>;
  /** The hops of a journey, as `MeshClient.journey` finds them. */
  journey(id: string, source: string | undefined): AsyncIterable<Hop>;
  /** The latest snapshot of an agent, if it has one. */
  latestOf(id: string): Promise<LatestSnapshot | undefined>;
}
