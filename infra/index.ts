/**
 * The stacks of a mesh, for a CDK app. It needs the peers `aws-cdk-lib` and `constructs`.
 *
 * @packageDocumentation
 */

export type { AlarmLevels, AlarmSettings, Settings } from './config.ts';
export { type AgentSource, discoverAgents } from './discover-agents.ts';
export { type MeshProps, meshApp } from './mesh.ts';
export { RefusedError } from './refused-error.ts';
