/**
 * The constructs and stacks of a mesh, for a CDK app. They need the peers `aws-cdk-lib` and `constructs`.
 *
 * @packageDocumentation
 */

export type { Authentication } from '../events/authentication.ts';
export type { TokenAlgorithm } from '../events/issuer.ts';
export type { OidcClient } from '../functions/runtime/aws/oidc-client.ts';
export { type AddedMesh, type AddMeshProps, addMesh } from './add-mesh.ts';
export { readSettings, type Settings } from './config.ts';
export { Agent, type AgentProps } from './constructs/agent.ts';
export type { AgentAlarmLevels, AlarmLevels } from './constructs/alarm-levels.ts';
export type { EdgeAuthentication, EdgeLimits } from './constructs/edge.ts';
export type { IMesh } from './constructs/i-mesh.ts';
export { Mesh, type MeshProps } from './constructs/mesh.ts';
export type { LogLevel } from './constructs/mesh-function.ts';
export {
  type Binding,
  definePolicy,
  type Permissions,
  type Policy,
  type PolicyIssuer,
  type PolicyOptions,
  type Producer,
} from './define-policy.ts';
export { type AgentSource, discoverAgents } from './discover-agents.ts';
export { RefusedError } from './refused-error.ts';
export { runApp } from './run-app.ts';
export { AgentStack, type AgentStackProps } from './stacks/agent-stack.ts';
export { MeshStack, type MeshStackProps } from './stacks/mesh-stack.ts';
export { PolicyStack, type PolicyStackProps } from './stacks/policy-stack.ts';
