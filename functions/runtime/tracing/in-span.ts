import type { Delivery } from '../delivery.ts';
import type { SpanStart } from '../ports.ts';

/** Runs work of a delivery in a span, where spans are exported; otherwise just runs it. */
export const inSpan = <Result>(
  { spans }: Pick<Delivery, 'spans'>,
  name: string,
  work: () => Promise<Result>,
  start?: Partial<SpanStart>,
): Promise<Result> => (spans === undefined ? work() : spans.run(name, work, start));
