import { join } from 'node:path';
import { discoverAgents } from './discover-agents.ts';
import { meshApp } from './mesh.ts';
import { RefusedError } from './refused-error.ts';

try {
  meshApp({ agents: await discoverAgents(join(import.meta.dirname, '../functions/agents')) }).synth();
} catch (error) {
  if (!(error instanceof RefusedError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
