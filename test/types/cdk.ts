import { type App, Stack } from 'aws-cdk-lib';
import {
  type AddedMesh,
  type AgentSource,
  AgentStack,
  addMesh,
  discoverAgents,
  type IMesh,
  Mesh,
  MeshStack,
  readSettings,
  runApp,
} from 'posthorn/cdk';
import { expectTypeOf } from 'vitest';

declare const agents: readonly AgentSource[];

/** Compiled, never run. */
export function apps(app: App): void {
  expectTypeOf(discoverAgents).returns.toEqualTypeOf<Promise<readonly AgentSource[]>>();
  expectTypeOf(addMesh(app, { agents })).toEqualTypeOf<AddedMesh>();
  addMesh(app, { agents, settings: readSettings({ stage: 'prod' }), env: { account: '123456789012', region: 'eu-central-1' } });
  // @ts-expect-error -- agents are found, not named
  addMesh(app, { agents: ['greeting'] });
  // @ts-expect-error -- no agents
  addMesh(app, {});

  const stack = new Stack(app, 'own');
  expectTypeOf(Mesh.join(stack, { prefix: 'posthorn', stage: 'prod' })).toExtend<IMesh>();
  expectTypeOf(new Mesh(stack, 'Mesh', { retainState: false })).toExtend<IMesh>();
  const { mesh } = new MeshStack(app);
  for (const { definition, folder } of agents) new AgentStack(app, { mesh, definition, folder, environment: { TONE: 'kind' } });
  // @ts-expect-error -- a mesh is needed
  for (const { definition, folder } of agents) new AgentStack(app, { definition, folder });

  expectTypeOf(runApp).parameter(0).toEqualTypeOf<(app: App) => void | Promise<void>>();
}
