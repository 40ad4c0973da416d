import * as z from 'zod/mini';
import { idSchema } from './envelope.ts';
import { type MeshName, meshPrefix } from './names.ts';

// What the mesh knows of each agent that offers a capability: an item for each, so that finding one is a query of a few items whatever
// the number of agents. Three hands write it, each its own attributes: the registry's service what the agent declares, the probe how the
// agent does, and operators its weight.

/** The weight of an agent that takes its full share of a capability's journeys. */
export const FULL_WEIGHT = 100;

/** What the probe logs while every agent of a capability that would get messages is ejected: an alarm counts these lines. */
export const NOBODY_HEALTHY_MESSAGE = 'no agent of a capability is healthy';

const share = z.number().check(z.gte(0), z.lte(1));

/** What the probe found out about an agent, see {@link OfferHealth}. */
export const offerHealthSchema = z.object({
  at: z.number(),
  messages: z.number(),
  p95Ms: z.optional(z.number()),
  errorShare: z.optional(share),
  inRow: z.number(),
  isBad: z.boolean(),
  ejections: z.number(),
  ejectedUntil: z.optional(z.number()),
  reason: z.optional(z.string()),
});

/** What the probe found out about an agent. Times are epoch milliseconds. */
export interface OfferHealth {
  /** When the probe looked at it. */
  readonly at: number;
  /** Attempts that ended in the last minutes. */
  readonly messages: number;
  /** The 95th percentile of waiting plus that of handling, of the last minutes; `undefined` where nothing was measured. */
  readonly p95Ms?: number | undefined;
  /** The share of attempts since the last look that failed although the message was not at fault; `undefined` where there were none. */
  readonly errorShare?: number | undefined;
  /** So many looks in a row found the same. */
  readonly inRow: number;
  /** What the last look with something to see found. */
  readonly isBad: boolean;
  /** How often it was ejected lately: each time for longer. */
  readonly ejections: number;
  /** Until then it gets no messages, if another agent can. */
  readonly ejectedUntil?: number | undefined;
  /** Why the last look found it bad. */
  readonly reason?: string | undefined;
}

const declaredSchema = z.object({ version: z.string() });

/** An item of the table of offers, unmarshalled. */
export const offerItemSchema = z.object({
  capability: idSchema,
  agent: idSchema,
  /** JSON: what the agent declares. */
  declared: z.string(),
  /** Rises with each change of `declared`: the condition of the next write. */
  revision: z.number(),
  /** What somebody has set by hand may be out of range, or no number: that hides no agent. */
  weight: z.pipe(
    z.optional(z.unknown()),
    z.transform((weight) => (typeof weight === 'number' ? Math.min(Math.max(weight, 0), FULL_WEIGHT) : FULL_WEIGHT)),
  ),
  /** JSON: see {@link offerHealthSchema}. */
  health: z.optional(z.string()),
});

/** An item of the table of offers, see {@link offerItemSchema}. */
export type OfferItem = z.output<typeof offerItemSchema>;

/** An agent that offers a capability. */
export interface Offer {
  readonly capability: string;
  readonly agent: string;
  readonly version: string;
  /** Its share of the capability's journeys, beside the weights of the others: 0 to {@link FULL_WEIGHT}. */
  readonly weight: number;
  /** `undefined` until the probe has seen it. */
  readonly health: OfferHealth | undefined;
}

/**
 * Reads an item of the table of offers.
 *
 * @param item unmarshalled
 * @returns `undefined` for an item without what every version writes: an update by hand with a slip in its key leaves one. It hides no
 *   other agent, and the registry's service reports it.
 */
export function parseOffer(item: unknown): Offer | undefined {
  const { data } = offerItemSchema.safeParse(item);
  const declared = data && declaredSchema.safeParse(fromJson(data.declared)).data;
  if (data === undefined || declared === undefined) return undefined;
  const { capability, agent, weight, health } = data;
  // A newer probe may have another form, in the middle of a rollback: then nothing is known, and the agent is still found.
  return { capability, agent, version: declared.version, weight, health: offerHealthSchema.safeParse(fromJson(health)).data };
}

function fromJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The attribute `declared` of an agent's offers. */
export const declaredOffer = ({ version }: Pick<Offer, 'version'>): string => JSON.stringify({ version });

/**
 * The table of offers, with the keys `capability` and `agent`.
 *
 * @example
 * ```ts
 * offersTableName(meshName()); // 'posthorn-dev-offers'
 * ```
 */
export const offersTableName = (mesh: MeshName): string => `${meshPrefix(mesh)}-offers`;

/**
 * The tag of an inbox whose agent offers a capability. Its value is the mesh's prefix. Senders may send where it is.
 *
 * @example
 * ```ts
 * capabilityTag('greeting'); // 'posthorn:capability:greeting'
 * ```
 */
export const capabilityTag = (capability: string): string => `posthorn:capability:${capability}`;
