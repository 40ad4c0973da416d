import type { Faults } from './faults.ts';
import type { Entry } from './history.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

type WithoutTime<Kind> = Kind extends Entry ? Omit<Kind, 'at'> : never;

/** What every simulated thing shares. */
export interface World {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  /** How long things take and in what order they come. */
  readonly timing: Random;
  /** What agents, clients and operators decide. */
  readonly choices: Random;
  readonly note: (entry: WithoutTime<Entry>) => void;
}

/** What a campaign runs beside the current runtime and what its agents do. Each has seeds of its own. */
export interface CampaignWorld {
  /** Processes of an older runtime run beside the current one. @default false */
  readonly isSideBySide?: boolean;
  /** Agents also send to capabilities, which other agents offer. @default false */
  readonly hasDiscovery?: boolean;
  /** Clients send by the real producer, governed by what the real probe publishes. @default false */
  readonly hasBackpressure?: boolean;
}

/** Clocks of processes are wrong by so much at most. */
export const MAX_SKEW_MS = 600_000;

/** A millisecond or a few, as a service in the same region answers. */
export const latencyMs = ({ timing }: World): number => 1 + timing.integer(0, 8);
