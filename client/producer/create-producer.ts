import * as z from 'zod/mini';
import { describeIssues } from '../../events/describe-issues.ts';
import { InvalidOptionsError } from '../errors.ts';
import { MeshProducer } from './mesh-producer.ts';
import type { ProducerOptions } from './producer-options.ts';

const whole = (from: number, to: number) => z.optional(z.int().check(z.gte(from), z.lte(to)));

const aFunction = z.custom((value) => typeof value === 'function', 'must be a function');
const aMeter = z.looseObject({ createObservableGauge: aFunction, createCounter: aFunction });

const optionsSchema = z.strictObject({
  ...{ prefix: z.optional(z.string()), stage: z.optional(z.string()), endpoint: z.optional(z.string()), region: z.optional(z.string()) },
  credentials: z.optional(z.unknown()),
  authentication: z.optional(z.enum(['iam', 'jwt'])),
  maxInFlight: whole(1, 100_000),
  maxWaiting: whole(0, 10_000_000),
  lingerMs: whole(0, 60_000),
  concurrency: whole(1, 100),
  mode: z.optional(z.enum(['wait', 'reject'])),
  governor: z.optional(z.union([z.enum(['on', 'off']), z.number().check(z.gte(0.001), z.lte(1_000_000))])),
  onLoadError: z.optional(aFunction),
  meter: z.optional(aMeter),
});

/**
 * Makes a producer: it sends to agents no faster than they, and those that they call, can handle it.
 *
 * Your role needs what sending needs, and `dynamodb:Query` on the mesh's table of metrics; for capabilities also on that of offers.
 *
 * @throws InvalidOptionsError naming each option that is unknown or out of range
 * @example
 * ```ts
 * import { createProducer } from 'posthorn/client';
 *
 * await using producer = createProducer({ stage: 'prod' });
 * for await (const result of producer.sendMany('order-processing', [{ order: 1 }, { order: 2 }], { type: 'order.placed' }))
 *   if (result.status !== 'sent') console.error(result.item, result);
 * ```
 * @see docs/backpressure.md
 */
export function createProducer(options: ProducerOptions = {}): MeshProducer {
  const checked = optionsSchema.safeParse(options);
  if (!checked.success)
    throw new InvalidOptionsError(`createProducer: ${describeIssues(checked.error, options)}`, { cause: checked.error });
  return new MeshProducer(options);
}
