import {
  type AccessDeniedError,
  type AgentCard,
  type AgentDetails,
  type AgentMapping,
  type AgentSummary,
  type Draining,
  type FailedMessage,
  type FoundAgent,
  type Hop,
  type MappingState,
  MeshClient,
  MeshClientError,
  type MeshClientOptions,
  type NoMappingError,
  NoTokenError,
  type NotOfferedError,
  type RedriveResult,
  type RegistryError,
  type Reply,
  type Rollout,
  type RolloutError,
  type SendResult,
  type SentEvent,
} from 'posthorn/client';
import type { AccessRecord, Failure } from 'posthorn/events';
import { expectTypeOf } from 'vitest';

const mesh = new MeshClient({ stage: 'prod', region: 'eu-central-1' });

expectTypeOf(mesh.send('greeting', { name: 'Ada' }, { type: 'greeting.requested' })).toEqualTypeOf<Promise<SentEvent>>();
expectTypeOf(mesh.journey('order-4711', { source: '/shop' })).toEqualTypeOf<AsyncGenerator<Hop, void, undefined>>();
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

// The credential and the registry.
expectTypeOf(mesh.token('greeting')).toEqualTypeOf<Promise<string>>();
expectTypeOf(mesh.access('greeting')).toEqualTypeOf<Promise<AccessRecord | undefined>>();
expectTypeOf(mesh.accessRecords()).toEqualTypeOf<Promise<readonly AccessRecord[]>>();
expectTypeOf<MeshClientOptions['authentication']>().toEqualTypeOf<'iam' | 'jwt' | undefined>();
new MeshClient({ authentication: 'jwt' });
// @ts-expect-error -- an agent, not a list of them
mesh.token(['greeting']);
// @ts-expect-error -- a client sends with a token or without one; `none` is a setting of agents
new MeshClient({ authentication: 'none' });
expectTypeOf(new NoTokenError('')).toExtend<MeshClientError>();
expectTypeOf<NoTokenError['code']>().toEqualTypeOf<'NoToken'>();
expectTypeOf<RegistryError['code']>().toEqualTypeOf<'Registry'>();

// Pausing answers the state; a state is one of Lambda's, in lower case.
expectTypeOf(mesh.pause('greeting')).toEqualTypeOf<Promise<AgentMapping>>();
expectTypeOf(mesh.resume('greeting', { signal: AbortSignal.timeout(1) })).toEqualTypeOf<Promise<AgentMapping>>();
expectTypeOf(mesh.mapping('greeting')).toEqualTypeOf<Promise<AgentMapping>>();
expectTypeOf<AgentMapping['state']>().toEqualTypeOf<MappingState>();
expectTypeOf<'disabled'>().toExtend<MappingState>();
expectTypeOf<NoMappingError['code']>().toEqualTypeOf<'NoMapping'>();
expectTypeOf<AccessDeniedError['code']>().toEqualTypeOf<'AccessDenied'>();
// @ts-expect-error -- one agent, not all of them
mesh.pause();

// Discovery.
expectTypeOf(mesh.findAgents({ capability: 'greeting', version: '>=2.0', healthy: true })).toEqualTypeOf<Promise<readonly FoundAgent[]>>();
expectTypeOf(mesh.shift('greeting', 'greeting-v2', 10)).toEqualTypeOf<Promise<readonly FoundAgent[]>>();
expectTypeOf(mesh.rollouts.of('greeting')).toEqualTypeOf<Promise<Rollout | undefined>>();
expectTypeOf(mesh.rollouts.start('greeting', { to: 'greeting-v2', steps: [10, 100] })).toEqualTypeOf<Promise<Rollout>>();
expectTypeOf(mesh.rollouts.abort('greeting')).toEqualTypeOf<Promise<Rollout>>();
for await (const draining of mesh.drain('greeting', { settleSeconds: 1 })) expectTypeOf(draining).toEqualTypeOf<Draining>();
expectTypeOf(mesh.listAgents()).toEqualTypeOf<Promise<readonly AgentSummary[]>>();
expectTypeOf(mesh.describeAgent('greeting')).toEqualTypeOf<Promise<AgentDetails>>();
expectTypeOf(mesh.agentCard('greeting')).toEqualTypeOf<Promise<AgentCard>>();
expectTypeOf<RolloutError['code']>().toEqualTypeOf<'Rollout'>();
expectTypeOf<NotOfferedError['code']>().toEqualTypeOf<'NotOffered'>();
// @ts-expect-error -- which capability
mesh.findAgents({ version: '>=2.0' });
// @ts-expect-error -- to whom
mesh.rollouts.start('greeting', { steps: [10] });

// A failed message has three senders: the message's, this copy's, and the one that an earlier redrive stated.
for await (const { failure, sender, senderId, statedSender } of mesh.failed('greeting', 'error')) {
  expectTypeOf(failure).toEqualTypeOf<Failure | undefined>();
  expectTypeOf(sender).toEqualTypeOf<string | undefined>();
  expectTypeOf(senderId).toEqualTypeOf<string | undefined>();
  expectTypeOf(statedSender).toEqualTypeOf<string | undefined>();
}

// @ts-expect-error -- an inbox is not read from outside
mesh.failed('greeting', 'inbox');
// @ts-expect-error -- no such option
new MeshClient({ environment: 'prod' });
// @ts-expect-error -- an error of the client is one of its kinds
new MeshClientError('no kind');
