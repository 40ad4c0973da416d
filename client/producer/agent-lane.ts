import type { MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { agentQueueUrl } from '../queues/agent-queues.ts';
import type { Credentials } from '../send/credentials.ts';
import { deliver, MESSAGES_PER_REQUEST } from '../send/deliver.ts';
import { messageBytes } from '../send/message-bytes.ts';
import { Lane } from './lane.ts';
import type { ProducerOptions } from './producer-options.ts';
import { readLoad } from './read-load.ts';

/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Where a lane goes. */
interface LaneTarget {
  readonly aws: AwsClients;
  readonly mesh: MeshName;
  readonly credentials: Credentials;
  readonly agent: string;
}

/** The lane of a producer to an agent of a mesh. */
export function agentLane({ aws, mesh, credentials, agent }: LaneTarget, options: ProducerOptions): Lane {
  const {
    maxInFlight = MESSAGES_PER_REQUEST,
    concurrency = 8,
    governor = 'on',
    onLoadError = (error) => process.emitWarning(error),
  } = options;
  let known: Promise<string> | undefined;
  // An error is not kept: the agent may be deployed later.
  const queueUrl = () =>
    (known ??= agentQueueUrl(aws, mesh, agent, 'inbox').catch((error: unknown) => {
      known = undefined;
      throw error;
    }));
  const ports = {
    async open() {
      await queueUrl();
    },
    deliver: async (bodies: readonly string[], signal: AbortSignal) => {
      // A token may expire on the way.
      const [url, attributes] = await Promise.all([queueUrl(), credentials.attributesFor(agent)]);
      return deliver(aws.sqs, url, bodies, attributes, signal);
    },
    bytesOf: async (body: string) => messageBytes(body, await credentials.attributesFor(agent)),
    ...(governor === 'on' && { read: () => readLoad(aws, mesh, agent) }),
    readFailed(error: unknown) {
      try {
        onLoadError(error instanceof Error ? error : new Error(String(error)), agent);
      } catch (thrown) {
        process.emitWarning(thrown instanceof Error ? thrown : String(thrown));
      }
    },
    now: () => Date.now(),
    after(delayMs: number, callback: () => void, keepsAlive: boolean) {
      const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
      if (!keepsAlive) timer.unref();
      return () => clearTimeout(timer);
    },
  };
  return new Lane(ports, {
    concurrency,
    fullAt: Math.min(maxInFlight, MESSAGES_PER_REQUEST),
    ...(typeof governor === 'number' && { ratePerSecond: governor }),
  });
}
