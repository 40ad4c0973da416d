import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { agentStackName, type MeshName } from '../../events/names.ts';
import { Agent, type AgentProps } from '../constructs/agent.ts';
import type { IMesh } from '../constructs/i-mesh.ts';
import { Mesh } from '../constructs/mesh.ts';

/** Properties of an {@link AgentStack}. */
export interface AgentStackProps extends Omit<AgentProps, 'mesh'>, Pick<StackProps, 'env'> {
  /** The mesh of this app, or the name of another app's mesh, which this stack joins. */
  readonly mesh: IMesh | MeshName;
  /** The name under which the agent registers in another app's mesh. @default the agent's id */
  readonly appName?: string | undefined;
}

/**
 * A stack with one agent: `posthorn-dev-agent-<id>`. It is protected from termination if it keeps its queues.
 *
 * @throws RefusedError as {@link Agent}
 * @see docs/adr/0012-a-stack-per-agent.md
 * @example
 * ```ts
 * import { join } from 'node:path';
 * import greeting from '../agents/greeting/agent.ts';
 *
 * await runApp((app) => {
 *   const { mesh } = new MeshStack(app);
 *   const folder = join(import.meta.dirname, '../agents/greeting');
 *   const { agent } = new AgentStack(app, { mesh, definition: greeting, folder });
 *   mesh.content.grantRead(agent, 'reports/*');
 * });
 * ```
 */
export class AgentStack extends Stack {
  readonly agent: Agent;

  constructor(scope: Construct, { mesh, env, appName, ...props }: AgentStackProps) {
    const name = 'ledger' in mesh ? mesh.name : mesh;
    super(scope, agentStackName(name, props.definition.id), {
      stackName: agentStackName(name, props.definition.id),
      description: `Posthorn (${name.stage}): agent ${props.definition.id}`,
      terminationProtection: props.retainState ?? true,
      ...(env && { env }),
    });
    this.agent = new Agent(this, 'Agent', { ...props, mesh: 'ledger' in mesh ? mesh : Mesh.join(this, mesh, appName) });
  }
}
