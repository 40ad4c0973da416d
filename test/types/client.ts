import {
  type FailedMessage,
  type Hop,
  MeshClient,
  MeshClientError,
  type RedriveResult,
  type Reply,
  type SendResult,
  type SentEvent,
} from 'posthorn/client';
import { expectTypeOf } from 'vitest';

const mesh = new MeshClient({ stage: 'prod', region: 'eu-central-1' });

expectTypeOf(mesh.send('greeting', { name: 'Ada' }, { type: 'greeting.requested' })).toEqualTypeOf<Promise<SentEvent>>();
expectTypeOf(mesh.journey('trace')).toEqualTypeOf<Promise<readonly Hop[]>>();
expectTypeOf(mesh.agents()).toEqualTypeOf<Promise<readonly string[]>>();
expectTypeOf(mesh.failed('greeting', 'dead-letter')).toExtend<AsyncIterable<FailedMessage>>();
expectTypeOf(mesh.redrive('greeting', 'error', { ids: ['order-1'] })).toExtend<AsyncIterable<RedriveResult>>();
expectTypeOf(mesh.replies({ follow: false })).toExtend<AsyncIterable<Reply>>();
expectTypeOf(mesh).toExtend<AsyncDisposable>();

async function* orders(): AsyncGenerator<{ readonly order: number }> {
  yield { order: 1 };
}

for await (const result of mesh.sendMany('greeting', orders())) {
  expectTypeOf(result).toEqualTypeOf<SendResult<{ readonly order: number }>>();
  if (result.status === 'sent') expectTypeOf(result.messageId).toEqualTypeOf<string>();
  if (result.status === 'failed') expectTypeOf(result.error).toEqualTypeOf<unknown>();
  // @ts-expect-error -- what failed has no id of SQS
  result.messageId;
}

// @ts-expect-error -- an inbox is not read from outside
mesh.failed('greeting', 'inbox');
// @ts-expect-error -- no such option
new MeshClient({ environment: 'prod' });
// @ts-expect-error -- an error of the client is one of its kinds
new MeshClientError('no kind');
