import type { Data } from './message-data.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

/** What a handler may do beside its context: the world outside the mesh. */
export interface Surroundings {
  readonly world: World;
  readonly process: SimulatedProcess;
  /** Data of a message that an agent sends. */
  readonly compose: (parent: string) => Data;
  readonly nextHandling: () => number;
  /** Agents also send to capabilities, not only to agents that they name. */
  readonly hasDiscovery: boolean;
}
