import { join } from 'node:path';
import { type ControlService, startControlService } from './control-service.ts';
import { type MeshFixture, startMeshFixture } from './mesh-fixture.ts';

/** A mesh of scripted agents of test/integration/mesh/agents, and of the one that they all send to. */
export interface ScriptedMesh extends MeshFixture {
  readonly control: ControlService;
}

export async function startScriptedMesh(agentIds: readonly string[]): Promise<ScriptedMesh> {
  const control = await startControlService();
  const fixture = await startMeshFixture({
    agentIds: [...agentIds, 'counting'],
    agentsFolder: join(import.meta.dirname, '../integration/mesh/agents'),
    agentEnvironment: (ids) => Object.fromEntries(ids.filter((id) => id !== 'counting').map((id) => [id, { CONTROL_URL: control.url }])),
  });
  return {
    ...fixture,
    control,
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}
