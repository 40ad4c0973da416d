import { hash } from 'node:crypto';
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import type { SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import * as errors from '../../../functions/runtime/failure/errors.ts';
import { type AgentContext, type AgentId, handleOf } from '../agents.ts';
import { dataSchema } from '../message-data.ts';
import { agentSender } from '../senders.ts';
import { CONTENT, QUEUE, type Services } from '../simulated-ports.ts';
import type { RunAgent } from '../simulation.ts';
import type { Surroundings } from '../surroundings.ts';
import { type IdempotencyTable, SimulatedPersistence } from './simulated-persistence.ts';

const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  time: z.string(),
  data: z.optional(z.unknown()),
  dataref: z.optional(z.string()),
  correlationid: z.optional(z.string()),
  traceparent: z.optional(z.string()),
  generation: z.optional(z.int()),
});

type PeerEnvelope = z.output<typeof envelopeSchema>;

const DAY_SECONDS = 86_400;

/**
 * The same agents on Powertools for AWS Lambda 2.35.0 as its documentation puts them together: processPartialResponse,
 * the work per record under makeIdempotent, the Lambda context registered, downstream messages sent by the handler.
 * In its favour: keyed by the event's own id, kept for a day, and downstream ids that are the same in each attempt.
 *
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/#batch-integration
 */
export function powertoolsStack(table: IdempotencyTable): RunAgent {
  return (agent, surroundings, services) => {
    const { process, world } = surroundings;
    const processor = new BatchProcessor(EventType.SQS);
    const config = new IdempotencyConfig({ eventKeyJmesPath: '[source, id]', expiresAfterSeconds: DAY_SECONDS });
    const handle = handleOf(agent, surroundings, errors);

    const work = async (envelope: PeerEnvelope, attempt: number) => {
      const json = envelope.dataref === undefined ? envelope.data : await read(envelope.dataref, surroundings, services);
      const data = z.parse(dataSchema, json);
      const context = contextOf(agent, envelope, surroundings, services);
      const message = { source: envelope.source, id: envelope.id, generation: envelope.generation ?? 0, attempt, data };
      return (await handle(message, context)) ?? null;
    };
    const workOnce = makeIdempotent(work, {
      persistenceStore: new SimulatedPersistence(process, table),
      config,
      keyPrefix: agent,
    });
    const handleRecord = async (record: SQSRecord): Promise<void> => {
      const envelope = z.parse(envelopeSchema, JSON.parse(record.body));
      await workOnce(envelope, Number(record.attributes.ApproximateReceiveCount));
    };
    return (event, context) => {
      // Powertools reads the global clock; without the skew of this process, in its favour.
      Date.now = () => world.scheduler.now;
      config.registerLambdaContext(context);
      return processPartialResponse(event, handleRecord, processor, { context });
    };
  };
}

async function read(dataref: string, { process }: Surroundings, { objects }: Services): Promise<unknown> {
  const bytes = await process.request(CONTENT, () => objects.get(dataref.split('/').slice(3).join('/')));
  if (bytes === undefined) throw new Error(`there is no ${dataref}`);
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Sends at once, as a handler with an SQS client does. */
function contextOf(agent: AgentId, envelope: PeerEnvelope, { process, world }: Surroundings, { queues }: Services): AgentContext {
  let index = 0;
  const send = async (queue: string, data: unknown, type: string, subject?: string): Promise<void> => {
    const body = JSON.stringify({
      specversion: '1.0',
      id: hash('sha256', `${agent} ${envelope.source} ${envelope.id} ${index++}`),
      source: `/agents/${agent}`,
      type,
      time: new Date(world.scheduler.now).toISOString(),
      subject,
      data,
      correlationid: envelope.correlationid ?? envelope.id,
      causationid: envelope.id,
      traceparent: envelope.traceparent,
    });
    const isSent = await process.request(QUEUE, () => {
      if (process.strikes('queue-item-fails')) return false;
      queues.get(queue)?.send(body, {}, agentSender(agent));
      return true;
    });
    if (!isSent) throw new Error('queue-item-fails');
  };
  return {
    sender: { name: 'anyone', senderId: '', onBehalfOf: undefined },
    idempotencyKey: `${agent} ${envelope.source} ${envelope.id}`,
    send: (target, data, options) => send(`${target} inbox`, data, options?.type ?? 'sent', options?.subject),
    reply: (data, options) => send('replies', data, options?.type ?? 'reply'),
  };
}
