import pMap from 'p-map';
import { MeshClient } from '../../../client/index.ts';
import { age } from '../../age.ts';
import { interruptible } from '../../interrupt.ts';
import { plainTable } from '../../plain-table.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import type { FailedQueue } from './failed-queue.ts';

/** An entry of `ls --json`. */
interface QueueState {
  readonly agent: string;
  /** SQS's approximate count of messages that can be received. */
  readonly messages: number;
  /** Messages that are being looked at or redriven now. */
  readonly inFlight: number;
  /** ISO 8601; `null` when there are none. */
  readonly oldestSentAt: string | null;
  /** `false` when the queue has more messages than were looked at. */
  readonly oldestIsExact: boolean;
}

/** How many messages are looked at for the oldest one: SQS does not report its age. */
const MAX_LOOKED_AT = 100;

/** Prints how many messages each agent's queue has. */
export async function list(queue: FailedQueue, agent: string | undefined, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    const agents = agent === undefined ? await mesh.agents() : [agent];
    const states = await interruptible((signal) => pMap(agents, (each) => stateOf(mesh, each, queue, signal), { concurrency: 5 }));
    if (settings.json) printJson(states);
    else console.log(tableOf(states, Date.now()));
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

async function stateOf(mesh: MeshClient, agent: string, { kind }: FailedQueue, signal: AbortSignal): Promise<QueueState> {
  const { visible: messages, inFlight } = await mesh.depth(agent, kind);
  if (messages === 0) return { agent, messages, inFlight, oldestSentAt: null, oldestIsExact: inFlight === 0 };
  const failed = mesh.failed(agent, kind, { max: Math.min(MAX_LOOKED_AT, messages), hiddenSeconds: 15, signal });
  let oldest: Date | undefined;
  for await (const { sentAt } of failed) if (oldest === undefined || sentAt < oldest) oldest = sentAt;
  const oldestIsExact = failed.looked >= messages && inFlight === 0;
  return { agent, messages, inFlight, oldestSentAt: oldest?.toISOString() ?? null, oldestIsExact };
}

function tableOf(states: readonly QueueState[], nowMs: number): string {
  const rows = states.map(({ agent, messages, inFlight, oldestSentAt, oldestIsExact }) => {
    const oldest = oldestSentAt === null ? '-' : age(nowMs - Date.parse(oldestSentAt)) + (oldestIsExact ? '' : ' or more');
    return [printableLine(agent), messages, inFlight, oldest];
  });
  return plainTable(rows, 3, { head: ['AGENT', 'MESSAGES', 'IN FLIGHT', 'OLDEST'], colAligns: ['left', 'right', 'right', 'left'] });
}
