import { Hono } from 'hono';
import * as z from 'zod/mini';
import { agentLoad } from '../../../client/metrics/agent-load.ts';
import { type AgentRegistration, agentRegistrationSchema } from '../../../events/registration.ts';
import { DEFAULT_INTERVAL_SECONDS, intervalSecondsOf, type LatestSnapshot } from '../../../events/snapshot.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import type { OperationsPorts } from './operations-ports.ts';
import { Problem } from './problem.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

const isAgentId = (text: string): boolean => z.safeParse(agentRegistrationSchema.shape.id, text).success;

/** `GET /agents`, a page of the agents, and `GET /agents/{id}/load`. */
export function agentsRoute(ports: OperationsPorts): Hono {
  const route = new Hono();
  route.get('/', async (context) => {
    const limit = limitOf(context.req.query('limit'));
    const after = cursorOf(context.req.query('after'));
    const [agents, latest] = await Promise.all([ports.agents(), ports.latest()]);
    const left = agents.filter(({ id }) => id > after);
    const page = left.slice(0, limit);
    const snapshots = new Map(latest.map((snapshot) => [snapshot.now.agent, snapshot]));
    const next = left.length > limit ? page.at(-1)?.id : undefined;
    return context.json({ agents: page.map((agent) => summaryOf(agent, snapshots.get(agent.id))), ...(next !== undefined && { next }) });
  });
  route.all('/', methodNotAllowed);
  route.get('/:id/load', async (context) => {
    const id = context.req.param('id');
    if (!isAgentId(id)) throw new Problem('invalid-request', 'id is not the id of an agent: GET /agents lists those of the mesh');
    const [agent, latest] = await Promise.all([ports.agent(id), ports.latestOf(id)]);
    if (agent === undefined) throw new Problem('unknown-agent', `the mesh has no agent '${id}': GET /agents lists those that it has`);
    if (latest === undefined) throw noSnapshot(id, await ports.latest());
    return context.json({ agent: id, version: latest.now.version, at: atOf(latest), ...agentLoad(latest) });
  });
  route.all('/:id/load', methodNotAllowed);
  return route;
}

/** @param others the snapshots of the other agents: this one's first is taken with their next */
function noSnapshot(id: string, others: readonly LatestSnapshot[]): Problem {
  const seconds = others.length === 0 ? DEFAULT_INTERVAL_SECONDS : Math.max(...others.map(({ now }) => intervalSecondsOf(now)));
  return new Problem('no-snapshot', `the probe has not seen '${id}' yet: ask again in ${seconds} seconds`, {
    'Retry-After': String(seconds),
  });
}

/** JSON leaves out what is `undefined`. */
function summaryOf({ id, version, concurrency, capabilities }: AgentRegistration, latest: LatestSnapshot | undefined): object {
  return { id, version, capabilities, concurrency, ...(latest && { at: atOf(latest), ...agentLoad(latest) }) };
}

const atOf = ({ now }: LatestSnapshot): string => new Date(now.at).toISOString();

function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new Problem('invalid-request', `limit is not a number from 1 to ${MAX_LIMIT}: leave it out for ${DEFAULT_LIMIT}`);
}

function cursorOf(text: string | undefined): string {
  if (text === undefined || isAgentId(text)) return text ?? '';
  throw new Problem('invalid-request', 'after is not the id of an agent: use the value of next of the page before');
}
