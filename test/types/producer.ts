import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { metrics } from '@opentelemetry/api';
import {
  BackpressureError,
  createProducer,
  type InvalidOptionsError,
  type LoadUnreadableError,
  MeshClientError,
  type MeshProducer,
  ProducerClosedError,
  type ProducerOptions,
  type SendResult,
  type SentEvent,
  type TargetState,
} from 'posthorn/client';
import { expectTypeOf } from 'vitest';

await using producer = createProducer({ stage: 'prod', meter: metrics.getMeter('posthorn') });

expectTypeOf(producer).toEqualTypeOf<MeshProducer>();
expectTypeOf(producer).toExtend<AsyncDisposable>();
expectTypeOf(producer.send('greeting', { name: 'Ada' }, { signal: AbortSignal.timeout(1_000) })).toEqualTypeOf<Promise<SentEvent>>();
producer.send({ capability: 'greeting', version: '^1.0', maxLatencyMs: 100 }, { name: 'Ada' }, { type: 'greeting.requested' });
expectTypeOf(producer.load()).toEqualTypeOf<number>();
expectTypeOf(producer.targets()).toEqualTypeOf<readonly TargetState[]>();
expectTypeOf<ProducerOptions['governor']>().toEqualTypeOf<'on' | 'off' | number | undefined>();

// The result of each item has the item, from whatever source.
expectTypeOf(producer.sendMany('greeting', [{ order: 1 }])).toEqualTypeOf<AsyncGenerator<SendResult<{ order: number }>, void, undefined>>();
producer.sendMany('greeting', Readable.from([1]));
producer.sendMany('greeting', ReadableStream.from([1]));
producer.sendMany('greeting', [1], { prepare: async (nth) => ({ body: nth.toFixed(), event: undefined, claimCheck: false }) });

expectTypeOf(producer.flush({ signal: AbortSignal.timeout(1_000) })).toEqualTypeOf<Promise<void>>();
expectTypeOf(producer.close({ signal: AbortSignal.timeout(1_000) })).toEqualTypeOf<Promise<void>>();

// What it throws says what to do.
try {
  await producer.send('greeting', {});
} catch (error) {
  if (error instanceof BackpressureError) expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
  else if (error instanceof ProducerClosedError) expectTypeOf(error).toExtend<MeshClientError>();
  else if (error instanceof MeshClientError) expectTypeOf(error.remedy).toEqualTypeOf<string | undefined>();
}
expectTypeOf<BackpressureError['code']>().toEqualTypeOf<'Backpressure'>();
expectTypeOf<LoadUnreadableError['code']>().toEqualTypeOf<'LoadUnreadable'>();
expectTypeOf<InvalidOptionsError['code']>().toEqualTypeOf<'InvalidOptions'>();
expectTypeOf<ProducerClosedError['code']>().toEqualTypeOf<'ProducerClosed'>();

// @ts-expect-error -- neither an agent nor a capability
producer.send({ version: '^1.0' }, {});
// @ts-expect-error -- a message waits or is rejected; it is never dropped
createProducer({ mode: 'drop' });
// @ts-expect-error -- messages under way are the producer's to bound
producer.sendMany('greeting', [1], { concurrency: 8 });
