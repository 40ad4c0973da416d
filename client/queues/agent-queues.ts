import { GetQueueUrlCommand, paginateListQueues } from '@aws-sdk/client-sqs';
import { closestMatch } from 'leven';
import { type MeshName, repliesQueueName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { MissingQueueError, NoAgentsError, UnknownAgentError } from '../errors.ts';
import { type QueueKind, queueName } from './queue-kind.ts';

/** The ids of a mesh's agents, found by their inboxes, in alphabetical order. */
export async function agentIds({ sqs }: AwsClients, mesh: MeshName): Promise<readonly string[]> {
  const [prefix = '', suffix = ''] = queueName(mesh, ' ', 'inbox').split(' ');
  const ids: string[] = [];
  for await (const page of paginateListQueues({ client: sqs, pageSize: 1_000 }, { QueueNamePrefix: prefix })) {
    for (const url of page.QueueUrls ?? []) {
      const name = url.slice(url.lastIndexOf('/') + 1);
      if (name.endsWith(suffix) && name.length > prefix.length + suffix.length) ids.push(name.slice(prefix.length, -suffix.length));
    }
  }
  return ids.sort();
}

/**
 * The URL of an agent's queue.
 *
 * @throws UnknownAgentError naming the mesh's agents; NoAgentsError; MissingQueueError when the agent's queue is not in the region
 */
export async function agentQueueUrl(aws: AwsClients, mesh: MeshName, agent: string, kind: QueueKind): Promise<string> {
  if (!/^[\w-]{1,60}$/.test(agent)) throw await notFound(aws, mesh, agent, kind);
  const url = await queueUrl(aws, queueName(mesh, agent, kind));
  if (url === undefined) throw await notFound(aws, mesh, agent, kind);
  return url;
}

/** The URL of the mesh's replies queue. @throws MissingQueueError */
export async function repliesQueueUrl(aws: AwsClients, mesh: MeshName): Promise<string> {
  const name = repliesQueueName(mesh);
  const url = await queueUrl(aws, name);
  if (url !== undefined) return url;
  throw new MissingQueueError(`stage '${mesh.stage}' has no replies queue '${name}' at ${aws.where} in region ${await aws.region()}`, {
    remedy: 'Deploy the stacks, or check stage, prefix, region and endpoint.',
  });
}

/** @returns `undefined` if no queue has this name */
async function queueUrl({ sqs }: AwsClients, name: string): Promise<string | undefined> {
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    if (QueueUrl === undefined) throw new TypeError(`GetQueueUrl returned no URL for ${name}`);
    return QueueUrl;
  } catch (error) {
    if (isNoSuchQueue(error)) return undefined;
    throw error;
  }
}

const isNoSuchQueue = (error: unknown): boolean =>
  error instanceof Error && ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'].includes(error.name);

async function notFound(aws: AwsClients, mesh: MeshName, agent: string, kind: QueueKind): Promise<Error> {
  const agents = await agentIds(aws, mesh);
  if (agents.length === 0) return noAgents(aws, mesh);
  if (!agents.includes(agent)) {
    const message = `stage '${mesh.stage}' has no agent '${agent}' at ${aws.where}`;
    return new UnknownAgentError(message, { remedy: suggestAgent(agent, agents) });
  }
  // Emulators list the queues of all regions.
  const name = queueName(mesh, agent, kind);
  return new MissingQueueError(`${aws.where} lists agent '${agent}', but has no queue '${name}' in region ${await aws.region()}`, {
    remedy: 'Give the region of the deployment. If the region is right, deploy the stacks again.',
  });
}

export const noAgents = ({ where }: AwsClients, { stage }: MeshName): NoAgentsError =>
  new NoAgentsError(`stage '${stage}' has no agents at ${where}`, {
    remedy: 'Deploy the stacks, or check stage, prefix, region and endpoint.',
  });

const MAX_NAMED_AGENTS = 20;

/** The remedy for an agent that does not exist. */
export function suggestAgent(agent: string, agents: readonly string[]): string {
  const near = closestMatch(agent, agents, { maxDistance: Math.max(2, Math.floor(agent.length / 3)) });
  const more = agents.length > MAX_NAMED_AGENTS ? ` and ${agents.length - MAX_NAMED_AGENTS} more` : '';
  return `${near === undefined ? '' : `Did you mean '${near}'? `}Its agents: ${agents.slice(0, MAX_NAMED_AGENTS).join(', ')}${more}.`;
}
