import * as z from 'zod/mini';
import { idSchema } from './envelope.ts';

// A rollout moves a capability's journeys to one agent in steps. It is kept in that agent's offer, so it ends with the offer. Operators
// begin, pause and abort it; the probe advances it, or rolls it back. Each write has the last one as its condition.

/** The attribute of an offer's item that has its rollout, as JSON. */
export const ROLLOUT_ATTRIBUTE = 'rollout';

/** What the probe logs of a rollout whose agent did worse than the others: an alarm counts these lines. */
export const ROLLED_BACK_MESSAGE = 'a rollout is rolled back';

/** A rollout has at most so many steps. */
export const MAX_ROLLOUT_STEPS = 20;

/** The longest time that a step may last at least: a week. */
export const MAX_STEP_SECONDS = 604_800;

/** With fewer attempts in a step, they say nothing: the step goes on. */
export const MIN_STEP_ATTEMPTS = 20;

/** The share of failed attempts may be higher than that of the others by so much. */
export const ERROR_MARGIN = 0.05;

/** The 95th percentile may be so many times that of the others, and so much longer. The buckets alone make it wrong by a quarter. */
export const LATENCY_FACTOR = 1.5;
export const LATENCY_MARGIN_MS = 250;

/** With fewer attempts, some cold starts are the 95th percentile: then the medians are compared. */
export const MIN_P95_ATTEMPTS = 100;

const measuredSchema = z.object({
  attempts: z.number(),
  failed: z.number(),
  p50Ms: z.optional(z.number()),
  p95Ms: z.optional(z.number()),
});

/** How agents did since a step began. */
export interface Measured {
  /** Attempts that ended. */
  readonly attempts: number;
  /** Those that failed although the message was not at fault. */
  readonly failed: number;
  /** The median of waiting plus that of handling; `undefined` where nothing was measured. */
  readonly p50Ms?: number | undefined;
  /** The 95th percentile of waiting plus that of handling; `undefined` where nothing was measured. */
  readonly p95Ms?: number | undefined;
}

/** The form of a {@link Rollout}. */
export const rolloutSchema = z.object({
  to: idSchema,
  version: z.string(),
  steps: z.array(z.number()).check(z.minLength(1)),
  everySeconds: z.number(),
  startedAt: z.number(),
  step: z.number(),
  since: z.number(),
  before: z.record(idSchema, z.number()),
  state: z.enum(['running', 'paused', 'rolling-back', 'rolled-back', 'done']),
  reason: z.optional(z.string()),
  seen: z.optional(z.object({ at: z.number(), newer: measuredSchema, older: measuredSchema })),
});

/** A rollout of a capability to an agent. Times are epoch milliseconds. */
export interface Rollout {
  /** The agent that gets the journeys. */
  readonly to: string;
  /** Its version when the step began: another one is measured anew. */
  readonly version: string;
  /** The agent's share in each step, in percent. */
  readonly steps: readonly number[];
  /** A step lasts at least so long. */
  readonly everySeconds: number;
  readonly startedAt: number;
  /** The index of the step that it is in. */
  readonly step: number;
  /** When that step began. */
  readonly since: number;
  /** The weights of all agents before the rollout, to which it is rolled back. Empty when it has ended. */
  readonly before: Readonly<Record<string, number>>;
  /** `rolling-back` while the weights from before are being written. */
  readonly state: 'running' | 'paused' | 'rolling-back' | 'rolled-back' | 'done';
  /** Why it was rolled back. */
  readonly reason?: string | undefined;
  /** What the probe saw last: how the agent did since the step began, and the others together. */
  readonly seen?: { readonly at: number; readonly newer: Measured; readonly older: Measured } | undefined;
}

/** Whether it still decides over the weights of its capability. */
export const isUnderWay = ({ state }: Rollout): boolean => state === 'running' || state === 'paused' || state === 'rolling-back';

/**
 * A rollout that has ended. Each query of the capability reads it for as long as its agent is there, so it has no weights from before:
 * there are as many as agents.
 */
export const endedRollout = (rollout: Rollout, state: 'rolled-back' | 'done'): Rollout => ({ ...rollout, state, before: {} });

/** The share of the step that it is in. */
export const shareOf = ({ steps, step }: Rollout): number => steps[step] ?? steps.at(-1) ?? 0;

/**
 * Reads the attribute {@link ROLLOUT_ATTRIBUTE}. In the middle of a rollback a newer version may have written another form: then there is
 * no rollout for this one, and the weights stay as they are.
 */
export function parseRollout(attribute: unknown): Rollout | undefined {
  if (typeof attribute !== 'string') return undefined;
  try {
    return rolloutSchema.safeParse(JSON.parse(attribute)).data;
  } catch {
    return undefined;
  }
}
