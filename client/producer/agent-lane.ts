import type { MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { agentQueueUrl } from '../queues/agent-queues.ts';
import type { Credentials } from '../send/credentials.ts';
import { deliver, MESSAGES_PER_REQUEST } from '../send/deliver.ts';
import { messageBytes } from '../send/message-bytes.ts';
import { FixedPacing } from './fixed-pacing.ts';
import { GovernedPacing } from './governed-pacing.ts';
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
  const now = () => Date.now();
  const governed = () =>
    new GovernedPacing({
      read: () => readLoad(aws, mesh, agent),
      readFailed(error) {
        try {
          onLoadError(error instanceof Error ? error : new Error(String(error)), agent);
        } catch (thrown) {
          process.emitWarning(thrown instanceof Error ? thrown : String(thrown));
        }
      },
      isNeeded: () => lane.waiting > 0,
      now,
      after: (delayMs, callback) => cancelOf(setTimeout(callback, delayMs).unref()),
    });
  const pacing = governor === 'off' ? undefined : governor === 'on' ? governed() : new FixedPacing(governor, now);
  const lane: Lane = new Lane(
    {
      async open() {
        await queueUrl();
      },
      async deliver(bodies, signal) {
        // A token may expire on the way.
        const [url, attributes] = await Promise.all([queueUrl(), credentials.attributesFor(agent)]);
        return deliver(aws.sqs, url, bodies, attributes, signal);
      },
      bytesOf: async (body) => messageBytes(body, await credentials.attributesFor(agent)),
      now,
      after: (delayMs, callback) => cancelOf(setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS))),
    },
    { concurrency, fullAt: Math.min(maxInFlight, MESSAGES_PER_REQUEST), pacing },
  );
  return lane;
}

const cancelOf = (timer: NodeJS.Timeout) => () => clearTimeout(timer);
