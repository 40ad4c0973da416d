import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

/**
 * Writes a bundle that only imports the Node modules of another bundle. No function that uses HTTPS starts faster.
 *
 * @param folder the other bundle, from `bundleFunction`
 */
export function bundleNodeOnly(folder: string, outputFolder: string): void {
  const sources = readdirSync(folder).filter((file) => /^(index|chunk-.*)\.mjs$/.test(file));
  const imported = sources.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/(?:from|import)\s*"([^".][^"]*)"/g)].map(([, name = '']) => name),
  );
  const imports = [...new Set(imported)].filter((name) => isBuiltin(name)).map((name) => `import ${JSON.stringify(name)};\n`);
  writeFileSync(join(outputFolder, 'index.mjs'), `${imports.join('')}export const handler = async () => ({ batchItemFailures: [] });\n`);
}
