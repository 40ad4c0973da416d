import { Stack, Tags } from 'aws-cdk-lib';
import { AccountPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { deadLetterQueueName, errorQueueName, inboxName, MEMBER_TAG, type MeshName, meshPrefix } from '../events/names.ts';
import { registryTableName } from '../events/registry.ts';
import type { ProducerRoles } from './policy.ts';

/** The IAM roles of the senders outside the sample mesh. A team whose producers have roles needs no such stack: it tags those. */
export class ProducersStack extends Stack {
  readonly roles: ProducerRoles;
  readonly #mesh: MeshName;

  constructor(scope: Construct, mesh: MeshName, agentIds: readonly string[]) {
    const stackName = `${meshPrefix(mesh)}-producers`;
    super(scope, stackName, { stackName, description: `Posthorn (${mesh.stage}): roles of the senders outside the mesh` });
    this.#mesh = mesh;
    const operator = this.#role('operator', agentIds);
    const failedQueues = agentIds.flatMap((id) => [errorQueueName(mesh, id), deadLetterQueueName(mesh, id)]);
    operator.addToPolicy(
      new PolicyStatement({
        sid: 'TakeFailedMessages',
        actions: ['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
        resources: failedQueues.map((name) => this.#queueArn(name)),
      }),
    );
    operator.addToPolicy(
      new PolicyStatement({
        sid: 'ReadAccess',
        actions: ['dynamodb:GetItem'],
        resources: [this.formatArn({ service: 'dynamodb', resource: 'table', resourceName: registryTableName(mesh) })],
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['access'] } },
      }),
    );
    this.roles = {
      uploader: this.#role('uploader', ['document-extraction', 'order-processing']),
      analyst: this.#role('analyst', ['sentiment-analysis', 'sentiment-v2', 'report-writing']),
      operator,
    };
  }

  /** IAM lets a role reach the inboxes. What it may ask for there is the policy's decision. */
  #role(name: keyof ProducerRoles, agentIds: readonly string[]): Role {
    const role = new Role(this, name, {
      roleName: `${meshPrefix(this.#mesh)}-${name}`,
      description: `Posthorn (${this.#mesh.stage}): sends as producer:${name}`,
      assumedBy: new AccountPrincipal(this.account),
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'SendToAgents',
        actions: ['sqs:GetQueueUrl', 'sqs:SendMessage'],
        resources: agentIds.map((id) => this.#queueArn(inboxName(this.#mesh, id))),
      }),
    );
    Tags.of(role).add(MEMBER_TAG, meshPrefix(this.#mesh));
    return role;
  }

  #queueArn(name: string): string {
    return this.formatArn({ service: 'sqs', resource: name });
  }
}
