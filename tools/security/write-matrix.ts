import { writeFile } from 'node:fs/promises';
import { renderMatrix } from './render-matrix.ts';
import { sampleAccess } from './sample-access.ts';

await writeFile(new URL('../../docs/security-matrix.md', import.meta.url), renderMatrix(await sampleAccess()));
