import { join } from 'node:path';
import { addMesh, discoverAgents, readSettings, runApp } from './index.ts';
import { samplePolicy } from './policy.ts';
import { ProducersStack } from './producers-stack.ts';

await runApp(async (app) => {
  const agents = await discoverAgents(join(import.meta.dirname, '../functions/agents'));
  const settings = readSettings(app.node.getAllContext());
  const { roles } = new ProducersStack(
    app,
    settings,
    agents.map(({ definition }) => definition.id),
  );
  addMesh(app, { agents, settings, policy: samplePolicy(roles) });
});
