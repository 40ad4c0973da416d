import { App, Stack } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { defineAgent } from 'posthorn';
import { type AddedMesh, Agent, type AgentSource, addMesh, discoverAgents, type IMesh, Mesh } from 'posthorn/cdk';
import { expectTypeOf } from 'vitest';
import * as z from 'zod/mini';

const app = new App();
const stack = new Stack(app, 'Stack');
const definition = defineAgent({
  id: 'greeting',
  version: '1.0.0',
  description: 'Greets people by name.',
  capabilities: [{ id: 'greeting', name: 'Greeting', description: 'Says hello.', tags: [] }],
  input: z.object({ name: z.string() }),
  sendsTo: ['letters'],
  async handle() {},
});

expectTypeOf(discoverAgents).returns.toEqualTypeOf<Promise<readonly AgentSource[]>>();
expectTypeOf(addMesh(app, { agents: await discoverAgents('/agents') })).toEqualTypeOf<AddedMesh>();
// @ts-expect-error -- agents are found, not named
addMesh(app, { agents: ['greeting'] });

// An own mesh and a joined one are both a mesh to an agent.
expectTypeOf(new Mesh(stack, 'Mesh', { name: { stage: 'prod' } })).toExtend<IMesh>();
expectTypeOf(Mesh.join(stack, { prefix: 'posthorn', stage: 'prod' })).toExtend<IMesh>();
// @ts-expect-error -- no such prop
new Mesh(stack, 'Misspelled', { retainsState: true });

// Any agent has a construct, and can be granted more than the mesh grants it.
expectTypeOf(new Agent(stack, 'Agent', { mesh: new Mesh(stack, 'Other'), definition, folder: '/agents/greeting' })).toExtend<IGrantable>();
// @ts-expect-error -- no mesh
new Agent(stack, 'Alone', { definition, folder: '/agents/greeting' });
