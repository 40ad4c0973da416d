import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { metrics } from '@opentelemetry/api';
import {
  createProducer,
  type MeshProducer,
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

// @ts-expect-error -- neither an agent nor a capability
producer.send({ version: '^1.0' }, {});
// @ts-expect-error -- a message waits or is rejected; it is never dropped
createProducer({ mode: 'drop' });
// @ts-expect-error -- messages under way are the producer's to bound
producer.sendMany('greeting', [1], { concurrency: 8 });
