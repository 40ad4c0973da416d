import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { z } from 'zod/mini';

// Node runs this in the process of a CDK app, before the app. It loads the packages that the app loaded last time, waits for the
// environment of the synthesis, and lets the app begin. Loading the packages is most of the work of a synthesis.

const packageSchema = z.object({ url: z.string(), format: z.enum(['commonjs', 'module']) });
const listSchema = z.object({ packages: z.array(packageSchema), files: z.array(z.string()) });

const PACKAGE_FILE = /\/node_modules\/.*\.[cm]?js$/;

type Package = z.output<typeof packageSchema>;

const [listFile = ''] = z.parse(z.tuple([z.string()]), [process.env.CDK_APP_PACKAGES]);
const packages: Package[] = [];
/** The app's own. */
const files: string[] = [];

registerHooks({
  load(url, context, nextLoad) {
    const result = nextLoad(url, context);
    // Node reports no format for modules that CommonJS code requires.
    const known = packageSchema.safeParse({ url, format: result.format ?? 'commonjs' });
    if (known.success && PACKAGE_FILE.test(url)) packages.push(known.data);
    if (url.startsWith('file:') && !url.includes('/node_modules/')) files.push(fileURLToPath(url));
    return result;
  },
});

await preload(packagesOfLastTime());
process.once('exit', (code) => {
  if (code === 0) writeFileSync(listFile, JSON.stringify({ packages, files }));
});
if (process.connected) Object.assign(process.env, await start());

function packagesOfLastTime(): readonly Package[] {
  try {
    return z.parse(listSchema, JSON.parse(readFileSync(listFile, 'utf8'))).packages;
  } catch {
    // There is no list yet, or it has another release's form. Then the app loads its packages itself.
    return [];
  }
}

async function preload(known: readonly Package[]): Promise<void> {
  const require = createRequire(import.meta.url);
  for (const { url, format } of known) {
    try {
      if (format === 'module') await import(url);
      else require(fileURLToPath(url));
    } catch {
      // The package may be gone. If the app needs it, the app fails and reports it.
    }
  }
}

/** The environment that the parent process sends as the start signal. Ends this process when the parent is gone. */
function start(): Promise<Record<string, string>> {
  const gone = () => process.exit();
  return new Promise((begin) => {
    process.once('disconnect', gone);
    process.once('message', (environment) => {
      process.off('disconnect', gone).disconnect();
      begin(z.parse(z.record(z.string(), z.string()), environment));
    });
  });
}
