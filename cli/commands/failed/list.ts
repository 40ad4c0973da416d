import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import Table from 'cli-table3';
import pMap from 'p-map';
import { CliError } from '../../cli-error.ts';
import { interruptible } from '../../interrupt.ts';
import { BORDERLESS } from '../../plain-table.ts';
import { type AgentQueue, findQueues, NO_AGENTS_REMEDY, queueOf, sqsClient } from '../../queues.ts';
import type { Settings } from '../../settings.ts';
import { age } from './age.ts';
import type { FailedQueue } from './failed-queue.ts';
import { walkQueue } from './walk-queue.ts';

/** What `ls --json` says of each queue. */
interface QueueState {
  readonly agent: string;
  /** SQS's approximate count of those that can be received. */
  readonly messages: number;
  /** Being looked at or redriven right now. */
  readonly inFlight: number;
  /** ISO 8601; `null` when there are none. */
  readonly oldestSentAt: string | null;
  /** `false` when the queue has more messages than were looked at. */
  readonly oldestIsExact: boolean;
}

/** SQS does not say how old the oldest message is; looking at more than this to find out would take too long. */
const LOOKED_AT = 100;

/** Prints how many messages each agent's queue has. */
export async function list(queue: FailedQueue, agent: string | undefined, settings: Settings): Promise<void> {
  const sqs = sqsClient(settings);
  const queues = agent === undefined ? await findQueues(sqs, settings, queue.naming) : [await queueOf(sqs, settings, agent, queue.naming)];
  const states = await interruptible((signal) => pMap(queues, (one) => stateOf(sqs, one, settings, signal), { concurrency: 5 }));
  if (states.length === 0)
    throw new CliError(`stage '${settings.stage}' has no agents at ${settings.endpointUrl ?? 'AWS'}`, { remedy: NO_AGENTS_REMEDY });
  if (settings.json) console.log(JSON.stringify(states));
  else console.log(tableOf(states, Date.now()));
}

async function stateOf(sqs: SQSClient, { agent, url }: AgentQueue, settings: Settings, signal: AbortSignal): Promise<QueueState> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  const messages = Number(Attributes.ApproximateNumberOfMessages ?? 0);
  const inFlight = Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
  if (messages === 0) return { agent, messages, inFlight, oldestSentAt: null, oldestIsExact: inFlight === 0 };

  let oldest: Date | undefined;
  const { looked } = await walkQueue(
    { sqs, queueUrl: url, settings, max: Math.min(LOOKED_AT, messages), hiddenSeconds: 15, signal },
    async ({ sentAt }) => {
      if (oldest === undefined || sentAt < oldest) oldest = sentAt;
      return 'stays';
    },
  );
  return { agent, messages, inFlight, oldestSentAt: oldest?.toISOString() ?? null, oldestIsExact: looked >= messages && inFlight === 0 };
}

function tableOf(states: readonly QueueState[], nowMs: number): string {
  const table = new Table({
    head: ['AGENT', 'MESSAGES', 'IN FLIGHT', 'OLDEST'],
    colAligns: ['left', 'right', 'right', 'left'],
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 3 },
  });
  for (const { agent, messages, inFlight, oldestSentAt, oldestIsExact } of states) {
    const oldest = oldestSentAt === null ? '-' : age(nowMs - Date.parse(oldestSentAt)) + (oldestIsExact ? '' : ' or more');
    table.push([agent, messages, inFlight, oldest]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
