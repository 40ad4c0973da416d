import { SPAN_NAMES } from '../../../events/span-names.ts';
import type { Delivery, Disposition } from '../delivery.ts';
import type { Step } from '../middleware/step.ts';
import type { Runtime } from '../runtime.ts';
import { inSpan } from './in-span.ts';

type Hook = NonNullable<Step['before']>;

/**
 * The step in a span of each delivery. Where no spans are exported it is the step itself, which costs nothing.
 *
 * @param needsSpan whether the step does something for this delivery. @default it always does
 */
export function stepInSpan(
  name: string,
  step: Step,
  { tracer }: Pick<Runtime, 'tracer'>,
  needsSpan: (delivery: Delivery) => boolean = () => true,
): Step {
  if (tracer === undefined) return step;
  const traced =
    (hook: Hook): Hook =>
    (request) =>
      needsSpan(request.event) ? inSpan(request.event, name, async () => hook(request)) : hook(request);
  return {
    ...(step.before && { before: traced(step.before) }),
    ...(step.after && { after: traced(step.after) }),
    ...(step.onError && { onError: traced(step.onError) }),
  };
}

/** The same for the handler. */
export function handlerInSpan(
  handler: (delivery: Delivery) => Promise<Disposition>,
  { tracer }: Pick<Runtime, 'tracer'>,
): (delivery: Delivery) => Promise<Disposition> {
  return tracer === undefined ? handler : (delivery) => inSpan(delivery, SPAN_NAMES.handle, () => handler(delivery));
}
