import { join } from 'node:path';
import { MeshClient } from '../../../../client/index.ts';
import { functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { type MeshFixture, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { until } from '../../../helpers/until.ts';
import { posthorn } from '../../cli/world.ts';

/** What each version offers. */
export const CAPABILITY = 'sentiment-analysis';

/** A mesh with two versions of one capability, and an agent that asks for it. The probe looks each second. */
export interface VersionsMesh extends AsyncDisposable {
  readonly fixture: MeshFixture;
  readonly client: MeshClient;
  /** Runs the command posthorn against this mesh. */
  command(...args: readonly string[]): ReturnType<typeof posthorn>;
  /** By agent. */
  weights(): Promise<Readonly<Record<string, number>>>;
}

/** Starts the mesh, and waits until both versions are registered. */
export async function startVersions(): Promise<VersionsMesh> {
  const fixture = await startMeshFixture({
    agentsFolder: join(import.meta.dirname, 'agents'),
    rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 },
  });
  const { endpoint, region } = fixture.cloud;
  const client = new MeshClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const offers = () => client.findAgents({ capability: CAPABILITY });
  await until('both are registered', async () => (await offers()).length === 2);
  return {
    fixture,
    client,
    command: (...args) => posthorn([...args, '--endpoint-url', endpoint, '--region', region]),
    weights: async () => Object.fromEntries((await offers()).map(({ agent, weight }) => [agent, weight])),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}
