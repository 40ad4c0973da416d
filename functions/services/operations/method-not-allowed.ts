import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** Answers what is no GET: the service changes nothing. @throws Problem */
export function methodNotAllowed({ req }: Context): never {
  throw new Problem('method-not-allowed', `${req.path} takes GET and HEAD, not ${req.method}: this service only reads`, {
    Allow: 'GET, HEAD',
  });
}
