import { App } from 'aws-cdk-lib';
import cdk from '../cdk.json' with { type: 'json' };
import { resolveAgentEnvironments } from './agent-environment.ts';
import { readSettings } from './config.ts';
import type { AgentSource } from './discover-agents.ts';
import { AgentStack } from './stacks/agent-stack.ts';
import { StateStack } from './stacks/state-stack.ts';

/** What {@link meshApp} is made of. */
export interface MeshProps {
  readonly agents: readonly AgentSource[];
  /** Settings, as `-c` gives them. @default those of the CDK's command line */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Where the assembly goes. @default that of the CDK's command line */
  readonly outdir?: string;
}

/**
 * The CDK app of the whole mesh, not yet synthesized: a stack for what is kept, and one for each agent. The feature flags of cdk.json hold however it is started.
 *
 * @throws RefusedError when a setting is refused, or an agent's environment is more than Lambda takes
 * @example
 * ```ts
 * import { join } from 'node:path';
 *
 * meshApp({ agents: await discoverAgents(join(import.meta.dirname, '../functions/agents')) }).synth();
 * ```
 */
export function meshApp({ agents, context = {}, outdir }: MeshProps): App {
  const app = new App({ context: { ...cdk.context, ...context }, ...(outdir === undefined ? {} : { outdir }) });
  const settings = readSettings(app.node.getAllContext());
  const state = new StateStack(app, { settings });
  const environments = resolveAgentEnvironments(
    agents.map(({ definition }) => definition),
    settings.agentEnvironment,
  );
  for (const { definition, entry } of agents) {
    new AgentStack(app, { settings, definition, entry, state, environment: environments.get(definition.id) ?? {} });
  }
  return app;
}
