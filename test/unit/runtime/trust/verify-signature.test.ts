import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';

it('jose is loaded by the first token that gets as far as its signature', () => {
  const { metafile } = buildSync({
    entryPoints: [join(import.meta.dirname, '../../../../functions/runtime/trust/verify-signature.ts')],
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    outdir: 'out',
  });
  const withJose = Object.values(metafile.outputs).filter(({ inputs }) => Object.keys(inputs).some((path) => path.includes('/jose/')));
  const atStart = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint?.endsWith('trust/verify-signature.ts'));

  expect(withJose.length).toBeGreaterThan(0);
  expect(withJose).not.toContain(atStart);
  expect(atStart?.imports.filter(({ kind, path }) => kind === 'import-statement' && /compact|verify/.test(path))).toEqual([]);
});
