import { z } from 'zod';
import type { DataHealth } from './data-health.ts';
import type { FairQueues } from './fair-queues.ts';
import type { App } from './fauxqs-app.ts';
import { type Caller, type Identities, SNS_SENDER_ID } from './identities.ts';
import { queryError, SQS_QUERY_MESSAGE, SQS_QUERY_VERSION } from './query-protocol.ts';
import type { SenderIds } from './sender-ids.ts';
import type { Sts } from './sts.ts';
import { addSts } from './sts-routes.ts';

const querySchema = z.object({ Version: z.literal(SQS_QUERY_VERSION) });

interface Corrections {
  readonly health: DataHealth;
  readonly sts: Sts;
  readonly senderIds: SenderIds;
  readonly fairQueues: FairQueues;
}

/**
 * Corrects fauxqs' routes: removes its own pages, answers old SDKs with an explanation, and acknowledges no write that failed. Messages
 * get their sender, and STS knows the caller. Call it before `ready`.
 */
export function correctRoutes(app: App, { health, sts, senderIds, fairQueues }: Corrections): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url?.startsWith('/_fauxqs')) reply.callNotFound();
  });
  app.addHook('preHandler', async (request, reply) => {
    if (!querySchema.safeParse(request.body).success && !querySchema.safeParse(request.query).success) return;
    const { status, body } = queryError('AWS.SimpleQueueService.UnsupportedOperation', SQS_QUERY_MESSAGE);
    await reply.code(status).type('text/xml').send(body);
  });
  const callerOf = identifyCallers(app, sts.identities);
  correctSenders(app, callerOf, senderIds);
  correctGroups(app, fairQueues);
  addSts(app, sts, callerOf);
  app.addHook('onSend', async (_request, reply, payload) => {
    if (health.failure === undefined || reply.statusCode >= 500) return payload;
    reply.code(500).type('application/x-amz-json-1.0').removeHeader('content-length');
    return JSON.stringify({ __type: 'InternalFailure', message: health.failure.message });
  });
}

/** @returns the caller of a request */
function identifyCallers(app: App, identities: Identities): (request: object) => Caller {
  const callers = new WeakMap<object, Caller>();
  app.addHook('onRequest', (request, _reply, done) => {
    callers.set(request, identities.callerOf(request.headers.authorization));
    // fauxqs reads the client's region from this header, and all resources are in one region.
    delete request.headers.authorization;
    done();
  });
  return (request) => callers.get(request) ?? identities.operator;
}

function correctSenders(app: App, callerOf: (request: object) => Caller, senderIds: SenderIds): void {
  // The body has been read: until then Node's HTTP parser would lose the asynchronous context.
  app.addHook('preHandler', (request, _reply, done) => {
    // Only SQS speaks JSON here. Messages that an SNS request sends are SNS's.
    const isSqs = request.headers['x-amz-target'] !== undefined;
    senderIds.sendAs(isSqs ? callerOf(request).userId : SNS_SENDER_ID, done);
  });
  app.addHook('preSerialization', (request, _reply, payload, done) => {
    if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage' && hasMessages(payload)) senderIds.correct(payload.Messages);
    done(null, payload);
  });
}

function correctGroups(app: App, fairQueues: FairQueues): void {
  app.addHook('preHandler', async (request, reply) => {
    const refusal = fairQueues.admit(request.headers['x-amz-target'], request.body);
    if (refusal === undefined) return;
    await reply.code(400).type('application/x-amz-json-1.0').send({ __type: 'com.amazonaws.sqs#InvalidParameterValue', message: refusal });
  });
}

/** Errors and empty answers have none. */
function hasMessages(payload: unknown): payload is { readonly Messages: Parameters<SenderIds['correct']>[0] } {
  return payload !== null && typeof payload === 'object' && 'Messages' in payload && Array.isArray(payload.Messages);
}
