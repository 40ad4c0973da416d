import { join } from 'node:path';
import { type ControlService, startControlService } from './control-service.ts';
import { type MeshFixture, startMeshFixture } from './mesh-fixture.ts';

const AGENTS = join(import.meta.dirname, '../integration/mesh/agents');

/** A mesh of the scripted agents of test/integration/mesh/agents, and of the one that they all send to. */
export interface ScriptedMesh extends MeshFixture {
  readonly control: ControlService;
}

export async function startScriptedMesh(): Promise<ScriptedMesh> {
  const control = await startControlService();
  const fixture = await startMeshFixture({ agentsFolder: AGENTS, variables: { CONTROL_URL: control.url }, visibilityDivisor: 3 });
  return {
    ...fixture,
    control,
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}
