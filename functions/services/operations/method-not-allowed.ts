import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** Answers what is no GET: the service changes nothing. @throws Problem */
export function methodNotAllowed({ req }: Context): never {
  throw methodProblem(req.method, req.path);
}

/** The answer to what is no GET. */
export const methodProblem = (method: string, path: string): Problem =>
  new Problem('method-not-allowed', `${path} takes GET and HEAD, not ${method}: this service only reads`, { Allow: 'GET, HEAD' });
