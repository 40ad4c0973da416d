import { join } from 'node:path';
import { addMesh, discoverAgents, runApp } from './index.ts';

await runApp(async (app) => {
  addMesh(app, { agents: await discoverAgents(join(import.meta.dirname, '../functions/agents')) });
});
