import { App } from 'aws-cdk-lib';
import cdk from '../cdk.json' with { type: 'json' };
import { readSettings } from './config.ts';
import type { AgentSource } from './discover-agents.ts';
import { AgentsStack } from './stacks/agents-stack.ts';
import { StateStack } from './stacks/state-stack.ts';

export interface MeshProps {
  readonly agents: readonly AgentSource[];
  /** Settings, as `-c` gives them. @default those of the CDK's command line */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Where the assembly goes. @default that of the CDK's command line */
  readonly outdir?: string;
}

/**
 * The CDK app of the whole mesh, not yet synthesized. The feature flags of cdk.json hold however it is started.
 *
 * @throws RefusedError when a setting is refused
 */
export function meshApp({ agents, context = {}, outdir }: MeshProps): App {
  const app = new App({ context: { ...cdk.context, ...context }, ...(outdir === undefined ? {} : { outdir }) });
  const settings = readSettings(app.node.getAllContext());
  const state = new StateStack(app, { settings });
  new AgentsStack(app, { settings, sources: agents, state });
  return app;
}
