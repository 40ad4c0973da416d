import { alertTopicName, contentBucketName, inboxName, ledgerTableName, type MeshName, repliesQueueName } from '../events/names.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { inlineQueue, inlineResources, type TemplateResource } from '../functions/runtime/aws/inline-resources.ts';
import { ACCOUNT_ID } from '../local/services/queues-and-buckets.ts';
import { writeAssembly } from '../local/template/write-assembly.ts';
import { absentAgents } from './absent-agents.ts';

/** Writes the assembly of agents that run in the test's own process: their queues and mappings, and what they share. */
export async function writeAgentsAssembly(directory: string, mesh: MeshName, region: string, agents: readonly AgentDefinition[]) {
  const shared = {
    Ledger: resource('AWS::DynamoDB::Table', {
      TableName: ledgerTableName(mesh),
      KeySchema: [{ AttributeName: 'messageKey', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'messageKey', AttributeType: 'S' }],
    }),
    Content: resource('AWS::S3::Bucket', { BucketName: contentBucketName(mesh, ACCOUNT_ID, region) }),
    Alerts: resource('AWS::SNS::Topic', { TopicName: alertTopicName(mesh) }),
    Replies: inlineQueue(repliesQueueName(mesh)),
  };
  const own = Object.fromEntries(agents.flatMap((agent) => Object.entries(inlineResources(agent, mesh))));
  const absent = absentAgents(agents).map(({ id }, index) => [`Absent${index}`, inlineQueue(inboxName(mesh, id))]);
  await writeAssembly(directory, { mesh: { ...shared, ...own, ...Object.fromEntries(absent) } });
}

const resource = (Type: string, Properties: TemplateResource['Properties']): TemplateResource => ({ Type, Properties });
