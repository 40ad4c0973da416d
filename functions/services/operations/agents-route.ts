import { Hono } from 'hono';
import { agentCard } from '../../../client/agents/agent-card.ts';
import { agentDetails } from '../../../client/agents/agent-details.ts';
import { agentLoad } from '../../../client/metrics/agent-load.ts';
import type { RegisteredAgent } from '../../../client/registry/agent-registrations.ts';
import { DEFAULT_INTERVAL_SECONDS, intervalSecondsOf, type LatestSnapshot } from '../../../events/snapshot.ts';
import { agentsPage } from './agents-page.ts';
import { agentIdOf, agentsQuery } from './agents-query.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import type { OperationsPorts } from './operations-ports.ts';
import { Problem } from './problem.ts';

/** A card changes with a deployment only. */
const CARD_CACHE_SECONDS = 60;

/** `GET /agents`, a page of the agents, or of those that offer a capability; `GET /agents/{id}`, and its `/card` and `/load`. */
export function agentsRoute(ports: OperationsPorts): Hono {
  const route = new Hono();
  route.get('/', async (context) => context.json(await agentsPage(ports, agentsQuery(context), Date.now())));
  route.all('/', methodNotAllowed);
  route.get('/:id', async (context) => {
    const registration = await known(ports, agentIdOf(context.req.param('id')));
    const { id } = registration;
    const [offers, latest] = await Promise.all([ports.offersOf(registration), ports.latestOf(id)]);
    const { agent: _, ...details } = agentDetails({ registration, offers, latest, nowMs: Date.now() });
    return context.json({ id, ...details });
  });
  route.all('/:id', methodNotAllowed);
  route.get('/:id/card', async (context) => {
    const registration = await known(ports, agentIdOf(context.req.param('id')));
    const card = agentCard(registration);
    if (card === undefined) throw noCard(registration);
    context.header('Cache-Control', `private, max-age=${CARD_CACHE_SECONDS}`);
    return context.json(card);
  });
  route.all('/:id/card', methodNotAllowed);
  route.get('/:id/load', async (context) => {
    const id = agentIdOf(context.req.param('id'));
    const [, latest] = await Promise.all([known(ports, id), ports.latestOf(id)]);
    if (latest === undefined) throw noSnapshot(id, await ports.latest());
    const { now, load: reading } = latest;
    return context.json({ agent: id, version: now.version, at: new Date(now.at), ...agentLoad(latest), reading });
  });
  route.all('/:id/load', methodNotAllowed);
  return route;
}

/** @throws Problem if there is no such agent */
async function known(ports: OperationsPorts, id: string): Promise<RegisteredAgent> {
  const agent = await ports.agent(id);
  if (agent === undefined) throw new Problem('unknown-agent', `the mesh has no agent '${id}': GET /agents lists those that it has`);
  return agent;
}

const noCard = ({ id }: RegisteredAgent): Problem =>
  new Problem('no-card', `'${id}' was deployed before there were cards, or its card had no room: deploy its stack with this version`);

/** @param others the snapshots of the other agents: this one's first is taken with their next */
function noSnapshot(id: string, others: readonly LatestSnapshot[]): Problem {
  const seconds = others.length === 0 ? DEFAULT_INTERVAL_SECONDS : Math.max(...others.map(({ now }) => intervalSecondsOf(now)));
  return new Problem('no-snapshot', `the probe has not seen '${id}' yet: ask again in ${seconds} seconds`, {
    'Retry-After': String(seconds),
  });
}
