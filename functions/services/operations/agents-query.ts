import type { Context } from 'hono';
import { idSchema } from '../../../events/envelope.ts';
import type { OfferQuery } from '../../../events/find-offers.ts';
import { Problem } from './problem.ts';
import { numberOf, queryParameters, textOf } from './query-parameters.ts';

/** Which agents `GET /agents` lists. */
export interface AgentsQuery extends Pick<OfferQuery, 'version' | 'maxLatencyMs'> {
  /** @default any */
  readonly capability: string | undefined;
  /** `true` leaves out those that the probe has ejected, `false` lists only these. @default all */
  readonly healthy: boolean | undefined;
  readonly limit: number;
  /** Only agents whose ids come after this one. */
  readonly after: string;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** The longest that SQS keeps a message, so that no wait is longer. */
const MAX_LATENCY_MS = 14 * 86_400_000 - 1;

/** As long as a semantic version may be for the library that reads ranges. */
const MAX_VERSION_CHARACTERS = 256;

const isId = (text: string): boolean => idSchema.safeParse(text).success;

/** @throws Problem for each parameter that is not valid */
export function agentsQuery(context: Context): AgentsQuery {
  const given = queryParameters(context, ['capability', 'version', 'maxLatencyMs', 'healthy', 'limit', 'after']);
  return {
    capability: capabilityOf(given.get('capability')),
    version: textOf('version', given.get('version'), MAX_VERSION_CHARACTERS),
    maxLatencyMs: numberOf('maxLatencyMs', given.get('maxLatencyMs'), { least: 1, most: MAX_LATENCY_MS, none: undefined }),
    healthy: flagOf('healthy', given.get('healthy')),
    limit: numberOf('limit', given.get('limit'), { least: 1, most: MAX_LIMIT, none: DEFAULT_LIMIT }),
    after: cursorOf(given.get('after')),
  };
}

/** The agent of a path. @throws Problem for what is no id */
export function agentIdOf(text: string): string {
  if (isId(text)) return text;
  throw new Problem('invalid-request', 'id is not the id of an agent: GET /agents lists those of the mesh');
}

function capabilityOf(text: string | undefined): string | undefined {
  if (text === undefined || isId(text)) return text;
  throw new Problem('invalid-request', 'capability is not 2 to 48 lower-case letters, digits and hyphens: leave it out for any');
}

function flagOf(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Problem('invalid-request', `${name} is not true or false: leave it out for all agents`);
}

function cursorOf(text: string | undefined): string {
  if (text === undefined || isId(text)) return text ?? '';
  throw new Problem('invalid-request', 'after is not the id of an agent: use the value of next of the page before');
}
