import { GetQueueUrlCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { closestMatch } from 'leven';
import { inboxName, type MeshName } from '../events/names.ts';
import { awsClientOptions } from './aws-client-options.ts';
import { CliError } from './cli-error.ts';
import type { Settings } from './settings.ts';

/** The physical name of one of an agent's queues. */
export type QueueNaming = (mesh: MeshName, agentId: string) => string;

export interface AgentQueue {
  readonly agent: string;
  readonly url: string;
}

/** A client of the queues; `using` it closes its connections. */
export const sqsClient = (settings: Settings): SQSClient => new SQSClient({ ...awsClientOptions(settings), useQueueUrlAsEndpoint: false });

/** Every agent's queue of one kind, by agent id. */
export async function findQueues(sqs: SQSClient, mesh: MeshName, naming: QueueNaming): Promise<readonly AgentQueue[]> {
  const [prefix = '', suffix = ''] = naming(mesh, ' ').split(' ');
  const queues: AgentQueue[] = [];
  for await (const page of paginateListQueues({ client: sqs, pageSize: 1_000 }, { QueueNamePrefix: prefix })) {
    for (const url of page.QueueUrls ?? []) {
      const name = url.slice(url.lastIndexOf('/') + 1);
      if (name.endsWith(suffix) && name.length > prefix.length + suffix.length) {
        queues.push({ agent: name.slice(prefix.length, -suffix.length), url });
      }
    }
  }
  return queues.sort((one, other) => (one.agent < other.agent ? -1 : 1));
}

/** @throws CliError naming the agents that there are when there is none of this name, or the region when the queue is not in it */
export async function queueOf(sqs: SQSClient, settings: Settings, agent: string, naming: QueueNaming): Promise<AgentQueue> {
  const queueName = naming(settings, agent);
  if (!/^[\w-]{1,60}$/.test(agent)) throw await notFound(sqs, settings, agent, queueName);
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
    if (QueueUrl === undefined) throw new TypeError(`GetQueueUrl answered no URL for ${agent}`);
    return { agent, url: QueueUrl };
  } catch (error) {
    if (isNoSuchQueue(error)) throw await notFound(sqs, settings, agent, queueName, error);
    throw error;
  }
}

const isNoSuchQueue = (error: unknown): boolean =>
  error instanceof Error && ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'].includes(error.name);

async function notFound(sqs: SQSClient, settings: Settings, agent: string, queueName: string, cause?: unknown): Promise<CliError> {
  const where = settings.endpointUrl ?? 'AWS';
  const agents = (await findQueues(sqs, settings, inboxName)).map((queue) => queue.agent);
  if (!agents.includes(agent)) {
    return new CliError(`stage '${settings.stage}' has no agent '${agent}' at ${where}`, { cause, remedy: suggestAgent(agent, agents) });
  }
  // Emulators list the queues of all regions.
  return new CliError(`${where} lists agent '${agent}', but has no queue '${queueName}' in region ${await sqs.config.region()}`, {
    cause,
    remedy: 'Give the region that it was deployed to: --region, or AWS_REGION. If it is the right one, deploy the stacks again.',
  });
}

export const NO_AGENTS_REMEDY = 'It has no agents at all: deploy the stacks, or check --stage, --region and --endpoint-url.';

/** What to try instead of an agent that does not exist. */
export function suggestAgent(agent: string, agents: readonly string[]): string {
  if (agents.length === 0) return NO_AGENTS_REMEDY;
  const near = closestMatch(agent, agents, { maxDistance: Math.max(2, Math.floor(agent.length / 3)) });
  const shown = agents.slice(0, 20).join(', ') + (agents.length > 20 ? ` and ${agents.length - 20} more` : '');
  return `${near === undefined ? '' : `Did you mean '${near}'? `}Its agents: ${shown}.`;
}
