import { Hono } from 'hono';
import type { Hop } from '../../../client/journeys/hop.ts';
import { hopJson } from '../../../client/journeys/hop-json.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import type { OperationsPorts } from './operations-ports.ts';
import { Problem } from './problem.ts';
import { numberOf, queryParameters, textOf } from './query-parameters.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** Hops are counted from the first for each page: what comes after so many takes longer than a request may. */
const MAX_AFTER = 9_999;

/** The longest id of an envelope, and the longest source. */
const MAX_ID_CHARACTERS = 256;
const MAX_SOURCE_CHARACTERS = 512;

/** `GET /journeys/{id}`: a page of the hops of a journey, oldest first. */
export function journeysRoute({ journey }: Pick<OperationsPorts, 'journey'>): Hono {
  const route = new Hono();
  route.get('/:id', async (context) => {
    const id = textOf('id', context.req.param('id'), MAX_ID_CHARACTERS);
    const given = queryParameters(context, ['source', 'limit', 'after']);
    const source = textOf('source', given.get('source'), MAX_SOURCE_CHARACTERS);
    const limit = numberOf('limit', given.get('limit'), { least: 1, most: MAX_LIMIT, none: DEFAULT_LIMIT });
    const after = numberOf('after', given.get('after'), { least: 0, most: MAX_AFTER, none: 0 });
    const { hops, isMore, isEmpty } = await pageOf(journey(id, source), after, limit);
    if (isEmpty)
      throw new Problem(
        'unknown-journey',
        `nothing is on record under this id: give a whole correlation id, or a message's id with source`,
      );
    const next = after + limit;
    const rest = isMore ? (next <= MAX_AFTER ? { next: String(next) } : { truncated: true }) : {};
    return context.json({ id, hops: hops.map(hopJson), ...rest });
  });
  route.all('/:id', methodNotAllowed);
  return route;
}

async function pageOf(journey: AsyncIterable<Hop>, after: number, limit: number) {
  const hops: Hop[] = [];
  let seen = 0;
  for await (const hop of journey) {
    if (seen++ < after) continue;
    if (hops.length === limit) return { hops, isMore: true, isEmpty: false };
    hops.push(hop);
  }
  return { hops, isMore: false, isEmpty: seen === 0 };
}
