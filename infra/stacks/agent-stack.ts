import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { agentStackName } from '../../events/names.ts';
import { Agent, type AgentProps } from '../constructs/agent.ts';

/** One agent, in a stack of its own: docs/adr/0012-a-stack-per-agent.md. */
export class AgentStack extends Stack {
  constructor(scope: Construct, props: AgentProps) {
    const { definition, settings } = props;
    super(scope, agentStackName(settings, definition.id), {
      description: `Posthorn (${settings.stage}): agent ${definition.id}`,
      terminationProtection: settings.retainState,
    });
    new Agent(this, 'Agent', props);
  }
}
