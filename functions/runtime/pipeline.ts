import middy from '@middy/core';
import { SPAN_NAMES } from '../../events/span-names.ts';
import { handle } from './agent/handle.ts';
import { Delivery, type Disposition } from './delivery.ts';
import { audit } from './middleware/audit.ts';
import { authenticate } from './middleware/authenticate.ts';
import { authorise } from './middleware/authorise.ts';
import { claim, needsClaim } from './middleware/claim.ts';
import { classifyError } from './middleware/classify-error.ts';
import { commit } from './middleware/commit.ts';
import { deduplicate } from './middleware/deduplicate.ts';
import { expire } from './middleware/expire.ts';
import { open } from './middleware/open.ts';
import { resolveContent } from './middleware/resolve-content.ts';
import { trace } from './middleware/trace.ts';
import { validate } from './middleware/validate.ts';
import type { Runtime } from './runtime.ts';
import { endSpans } from './tracing/end-spans.ts';
import { handlerInSpan, stepInSpan } from './tracing/step-in-span.ts';

/**
 * The path of one message, in the order of docs/architecture.md. Steps run from top to bottom, the handler last; then commit.
 * An error anywhere goes to classifyError. The steps of `atTheEnd` run for every delivery, however it ended.
 */
export const pipeline = (runtime: Runtime) => {
  const atTheEnd: readonly ((delivery: Delivery) => void)[] = [audit(runtime), endSpans(runtime), (delivery) => delivery.reported()];
  return middy<Delivery, Disposition>({
    timeoutEarlyInMillis: 0,
    requestEnd: ({ event }) => {
      if (event instanceof Delivery) for (const step of atTheEnd) step(event);
    },
  })
    .use(open())
    .use(trace(runtime))
    .use(authenticate(runtime))
    .use(authorise(runtime))
    .use(stepInSpan(SPAN_NAMES.readLedger, deduplicate(runtime), runtime))
    .use(expire(runtime))
    .use(stepInSpan(SPAN_NAMES.claim, claim(runtime), runtime, needsClaim))
    .use(resolveContent(runtime))
    .use(validate())
    .use(stepInSpan(SPAN_NAMES.commit, commit(runtime), runtime))
    .use(stepInSpan(SPAN_NAMES.fail, classifyError(runtime), runtime))
    .handler(handlerInSpan(handle(runtime), runtime));
};
