import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { resolveAgentEnvironments } from '../agent-environment.ts';
import type { Settings } from '../config.ts';
import { Agent } from '../constructs/agent.ts';
import type { AgentSource } from '../discover-agents.ts';
import { agentsStackName } from '../names.ts';
import type { StateStack } from './state-stack.ts';

export interface AgentsStackProps {
  readonly settings: Settings;
  readonly sources: readonly AgentSource[];
  readonly state: StateStack;
}

/** Every agent of the mesh, and who may send to whom. */
export class AgentsStack extends Stack {
  /** @throws RefusedError when the settings override what no agent declares */
  constructor(scope: Construct, { settings, sources, state }: AgentsStackProps) {
    super(scope, agentsStackName(settings.stage), { description: `Posthorn (${settings.stage}): agents` });
    const environments = resolveAgentEnvironments(
      sources.map(({ definition }) => definition),
      settings.agentEnvironment,
    );
    const agents = new Map(
      sources.map(({ definition, entry }) => [
        definition.id,
        new Agent(this, definition.id, { settings, definition, entry, state, environment: environments.get(definition.id) ?? {} }),
      ]),
    );
    for (const agent of agents.values()) {
      agent.sendsTo(
        agent.definition.sendsTo.flatMap((id) => agents.get(id) ?? []),
        state.replies,
      );
    }
  }
}
