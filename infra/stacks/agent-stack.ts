import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Agent, type AgentProps } from '../constructs/agent.ts';
import { agentStackName } from '../names.ts';

/** One agent, in a stack of its own: docs/adr/0012-a-stack-per-agent.md. */
export class AgentStack extends Stack {
  constructor(scope: Construct, props: AgentProps) {
    const { definition, settings } = props;
    super(scope, agentStackName(settings.stage, definition.id), {
      description: `Posthorn (${settings.stage}): agent ${definition.id}`,
      terminationProtection: settings.retainState,
    });
    new Agent(this, 'Agent', props);
  }
}
