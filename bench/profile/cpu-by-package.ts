import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

/** As `node --cpu-prof` writes it. @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number(), columnNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

type CallFrame = z.output<typeof profileSchema>['nodes'][number]['callFrame'];

/**
 * Microseconds of a CPU profile by package, found through the bundle's source maps.
 *
 * @param file a `.cpuprofile`
 */
export function cpuByPackage(file: string): ReadonlyMap<string, number> {
  const { nodes, samples, timeDeltas } = profileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const sourceMaps = new Map<string, SourceMap | undefined>();
  const packages = new Map(nodes.map(({ id, callFrame }) => [id, packageOf(callFrame, sourceMaps)]));
  const micros = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = packages.get(id);
    if (name !== undefined) micros.set(name, (micros.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return micros;
}

/** `undefined` for time in which nothing ran. */
function packageOf(frame: CallFrame, sourceMaps: Map<string, SourceMap | undefined>): string | undefined {
  const { functionName, url } = frame;
  if (functionName === '(idle)') return undefined;
  if (functionName === '(garbage collector)') return 'V8: collector';
  if (functionName === 'writev' || functionName.startsWith('write')) return 'system: writing';
  if (url === '') return 'V8: built in';
  if (url.startsWith('node:')) return 'Node';
  const source = originalSource(frame, sourceMaps);
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? (source.includes('/bench/') ? 'bench' : 'posthorn');
}

function originalSource({ url, lineNumber, columnNumber }: CallFrame, sourceMaps: Map<string, SourceMap | undefined>): string {
  if (!url.startsWith('file:')) return url;
  if (!sourceMaps.has(url)) {
    const file = `${fileURLToPath(url)}.map`;
    sourceMaps.set(url, existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : undefined);
  }
  const entry = sourceMaps.get(url)?.findEntry(lineNumber, columnNumber);
  return entry !== undefined && 'originalSource' in entry ? entry.originalSource : url;
}
