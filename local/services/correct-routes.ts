import { z } from 'zod';
import type { DataHealth } from './data-health.ts';
import type { App } from './fauxqs-app.ts';
import { queryError, SQS_QUERY_MESSAGE, SQS_QUERY_VERSION } from './query-errors.ts';

const querySchema = z.object({ Version: z.literal(SQS_QUERY_VERSION) });

/**
 * Corrects fauxqs' routes: removes its own pages, answers old SDKs with an explanation, and acknowledges no write that failed. Call it
 * before `ready`.
 */
export function correctRoutes(app: App, health: DataHealth): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url?.startsWith('/_fauxqs')) reply.callNotFound();
  });
  app.addHook('preHandler', async (request, reply) => {
    if (!querySchema.safeParse(request.body).success && !querySchema.safeParse(request.query).success) return;
    await reply.code(400).type('text/xml').send(queryError('AWS.SimpleQueueService.UnsupportedOperation', SQS_QUERY_MESSAGE));
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    if (health.failure === undefined || reply.statusCode >= 500) return payload;
    reply.code(500).type('application/x-amz-json-1.0').removeHeader('content-length');
    return JSON.stringify({ __type: 'InternalFailure', message: health.failure.message });
  });
}
