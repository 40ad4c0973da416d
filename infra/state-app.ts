import * as z from 'zod/mini';
import { runApp } from './run-app.ts';
import { MeshStack } from './stacks/mesh-stack.ts';

// A CDK app that has the state of meshes and no agent. `posthorn dev` runs it for a project whose app joins meshes of other apps.

const meshesSchema = z.array(z.strictObject({ prefix: z.string(), stage: z.string() }));

await runApp((app) => {
  for (const name of meshesSchema.parse(app.node.tryGetContext('meshes'))) new MeshStack(app, { name, retainState: false });
});
