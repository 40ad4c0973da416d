import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { agentsRoute } from './agents-route.ts';
import { journeysRoute } from './journeys-route.ts';
import { metricsRoute } from './metrics-route.ts';
import type { OperationsPorts } from './operations-ports.ts';
import { Problem } from './problem.ts';

/** A snapshot is the newest for at least as long, also with `posthorn dev`. */
const CACHE_SECONDS = 5;

/** Called with each error that is the service's own fault. */
type OnFailure = (error: Error) => void;

/**
 * The service's routes. A question about the mesh is a route of its own: a file beside `agents-route.ts`, a line here, a path in
 * `openapi.json` and in the routes of `infra/constructs/operations.ts`.
 */
export function operationsApp(ports: OperationsPorts, onFailure: OnFailure): Hono {
  const app = new Hono({ strict: false });
  app.use(etag(), async (context, next) => {
    await next();
    const isLeft = context.res.ok && !context.res.headers.has('Cache-Control');
    if (isLeft) context.header('Cache-Control', `private, max-age=${CACHE_SECONDS}`);
  });
  app.route('/metrics', metricsRoute(ports));
  app.route('/agents', agentsRoute(ports));
  app.route('/journeys', journeysRoute(ports));
  app.notFound(() => {
    throw new Problem('unknown-path', 'there is /metrics, /agents, /agents/{id}, its /card and its /load, and /journeys/{id}');
  });
  app.onError((error) => answerOf(error, onFailure));
  return app;
}

function answerOf(error: Error, onFailure: OnFailure): Response {
  const isProblem = error instanceof Problem;
  if (!isProblem) onFailure(error);
  const problem = isProblem ? error : new Problem('internal-error', "the service's log has the reason: try again");
  return new Response(JSON.stringify(problem), { status: problem.status, headers: { ...problem.headers } });
}
