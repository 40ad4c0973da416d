import type { MeshName } from '../events/names.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';

/** Options of `startMesh`: agents to run in this process, or the folder of a CDK app whose template is run. */
export interface StartMeshOptions extends Partial<MeshName> {
  /** Agents to run in this process. Either `agents` or `app` is given. */
  readonly agents?: readonly AgentDefinition[];
  /** A folder with a cdk.json, e.g. `.`, whose synthesized template is run. */
  readonly app?: string;
  /** With `app`, by agent id: values of variables that the definitions declare. @default the definitions' values */
  readonly agentEnvironment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The limit of every wait of the mesh. @default 30 */
  readonly timeoutSeconds?: number;
}
