import middy from '@middy/core';
import { handle } from './handle.ts';
import { audit } from './middleware/audit.ts';
import { claim } from './middleware/claim.ts';
import { classifyError } from './middleware/classify-error.ts';
import { commit } from './middleware/commit.ts';
import { deduplicate } from './middleware/deduplicate.ts';
import { expire } from './middleware/expire.ts';
import { open } from './middleware/open.ts';
import { resolveContent } from './middleware/resolve-content.ts';
import { trace } from './middleware/trace.ts';
import { validate } from './middleware/validate.ts';
import { type Disposition, Passage } from './passage.ts';
import type { Runtime } from './runtime.ts';

/**
 * The way of one message, in the order of docs/architecture.md. Steps run from top to bottom, the handler last; then commit.
 * An error anywhere goes to classifyError. Audit runs at the end of every message, whichever way it went.
 *
 * Authentication and authorisation will stand between trace and deduplicate: nothing is looked up for a stranger.
 */
export const pipeline = (runtime: Runtime) => {
  const writeAudit = audit(runtime);
  return middy<Passage, Disposition>({
    timeoutEarlyInMillis: 0,
    requestEnd: ({ event }) => {
      if (event instanceof Passage) writeAudit(event);
    },
  })
    .use(open())
    .use(trace(runtime))
    .use(deduplicate(runtime))
    .use(expire(runtime))
    .use(claim(runtime))
    .use(resolveContent(runtime))
    .use(validate())
    .use(commit(runtime))
    .use(classifyError(runtime))
    .handler(handle(runtime));
};
