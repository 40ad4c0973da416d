import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPublicSurface } from './public-surface.ts';
import { renderApi } from './render-api.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'docs/api');

const { entryPoints, problems } = readPublicSurface(root);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [file, page] of renderApi(entryPoints)) writeFileSync(join(folder, file), page);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
