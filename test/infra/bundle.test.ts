import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import { agentEntry } from '../../infra/constructs/agent-entry.ts';
import { bundleFunction, type FunctionEntry } from '../../infra/constructs/bundle-function.ts';

const scratch = mkdtempSync(join(tmpdir(), 'posthorn-bundle-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const repository = join(import.meta.dirname, '../..');
const noOp = agentEntry(join(import.meta.dirname, 'fixtures/agents/answering'));
const bundled = (entry: FunctionEntry, name: string): string => {
  const folder = join(scratch, name);
  bundleFunction(entry, folder);
  return folder;
};

const first = bundled(noOp, 'first');

/** What is read before the handler can run: the entry and all that it imports statically. */
function coldFiles(folder: string, file = 'index.mjs', seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = readFileSync(join(folder, file), 'utf8');
  for (const [, imported = ''] of source.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) coldFiles(folder, imported, seen);
  return seen;
}

/** What a file was made of. */
const sourcesOf = (folder: string, file: string): readonly string[] =>
  z.object({ sources: z.array(z.string()) }).parse(JSON.parse(readFileSync(join(folder, `${file}.map`), 'utf8'))).sources;

test('an agent that does nothing is at most 450 KiB of code before its first message', () => {
  const bytes = [...coldFiles(first)].map((file) => statSync(join(first, file)).size).reduce((sum, size) => sum + size, 0);

  expect(bytes).toBeGreaterThan(100 * 1_024);
  expect(bytes).toBeLessThanOrEqual(450 * 1_024);
});

test('the clients that most messages do not need are loaded when they are needed', () => {
  const inputs = (file: string) => sourcesOf(first, file);
  const cold = [...coldFiles(first)].flatMap(inputs);
  const all = readdirSync(first)
    .filter((file) => file.endsWith('.mjs'))
    .flatMap(inputs);

  for (const client of ['/@aws-sdk/client-s3/', '/@aws-sdk/client-sns/']) {
    expect(all.some((source) => source.includes(client))).toBe(true);
    expect(cold.filter((source) => source.includes(client))).toEqual([]);
  }
  expect(cold.some((source) => source.includes('/@aws-sdk/client-sqs/'))).toBe(true);
});

test('OpenTelemetry is loaded where spans are exported, and is at most 80 KiB', () => {
  const cold = coldFiles(first);
  const isOpenTelemetry = (source: string) => source.includes('/@opentelemetry/');
  const holding = readdirSync(first)
    .filter((file) => file.endsWith('.mjs'))
    .filter((file) => sourcesOf(first, file).some(isOpenTelemetry));
  const bytes = holding.reduce((sum, file) => sum + statSync(join(first, file)).size, 0);

  expect([...cold].flatMap((file) => sourcesOf(first, file)).filter(isOpenTelemetry)).toEqual([]);
  expect(holding.length).toBeGreaterThan(0);
  expect(bytes).toBeGreaterThan(20 * 1_024);
  expect(bytes).toBeLessThanOrEqual(80 * 1_024);
});

/** The files of a bundle that a process loads until its handler is ready and everything that it began is done. */
function loadedFiles(folder: string, variables: Readonly<Record<string, string>>): readonly string[] {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => { console.log(url); return next(url, context); } });
    await import(${JSON.stringify(pathToFileURL(join(folder, 'index.mjs')).href)});`;
  const env = { PATH: process.env.PATH, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout
    .split('\n')
    .filter((url) => url.startsWith('file:'))
    .map((url) => basename(url));
}

test('a process loads OpenTelemetry only where an endpoint is configured', () => {
  const queue = (name: string) => `https://sqs.us-east-1.amazonaws.com/123456789012/${name}`;
  const variables = {
    AWS_REGION: 'us-east-1',
    AWS_LAMBDA_FUNCTION_NAME: 'answering',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    POSTHORN_LEDGER_TABLE: 'ledger',
    POSTHORN_REGISTRY_TABLE: 'registry',
    POSTHORN_METRICS_TABLE: 'metrics',
    POSTHORN_JOURNEY_SAMPLING: '1',
    POSTHORN_AUTHENTICATION: 'iam',
    POSTHORN_CONTENT_BUCKET: 'content',
    POSTHORN_ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:alerts',
    POSTHORN_INBOX_URL: queue('posthorn-dev-answering-inbox'),
    POSTHORN_ERROR_QUEUE_URL: queue('posthorn-dev-answering-errors'),
    POSTHORN_DEAD_LETTER_QUEUE_URL: queue('posthorn-dev-answering-dlq'),
    POSTHORN_REPLIES_QUEUE_URL: queue('posthorn-dev-replies'),
    POSTHORN_TARGETS: JSON.stringify({ inboxUrl: queue('{agent}'), agents: [] }),
    POSTHORN_MAX_RECEIVES: '10',
    POSTHORN_TRACE_SAMPLING: '1',
  };
  const holdsOpenTelemetry = (file: string) => sourcesOf(first, file).some((source) => source.includes('/@opentelemetry/'));
  const cold = loadedFiles(first, variables);
  const tracing = loadedFiles(first, { ...variables, POSTHORN_OTLP_ENDPOINT: 'https://otlp.example.com' });

  expect(cold).toContain('index.mjs');
  expect(cold.filter(holdsOpenTelemetry)).toEqual([]);
  expect(tracing.filter(holdsOpenTelemetry)).not.toEqual([]);
});

test("the registry's service has the clients that it uses, and of an agent's runtime only what writes log lines", () => {
  const folder = bundled(join(repository, 'functions/services/registry/handler.ts'), 'registry');
  const code = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  const sources = code.flatMap((file) => sourcesOf(folder, file));

  for (const client of ['/@aws-sdk/client-ssm/', '/@aws-sdk/client-dynamodb/'])
    expect(sources.some((source) => source.includes(client))).toBe(true);
  for (const foreign of ['/@aws-sdk/client-sqs/', '/@aws-sdk/client-s3/'])
    expect(sources.filter((source) => source.includes(foreign))).toEqual([]);
  const runtime = sources.flatMap((source) => /\/functions\/runtime\/(.*)\.ts$/.exec(source)?.[1] ?? []);
  expect(runtime.toSorted()).toEqual([
    ...['aws/log-formatter', 'aws/loggable', 'aws/powertools-logger', 'aws/service-logger', 'failure/error-property'],
  ]);
  expect(readFileSync(join(folder, 'index.mjs'), 'utf8')).toMatch(/export\{\w+ as handler\}/);
});

test('the authorizer of requests has what verifies tokens, and nothing of a client, an agent’s pipeline or other services', () => {
  const folder = bundled(join(repository, 'functions/services/authorizer/handler.ts'), 'authorizer');
  const code = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  const sources = code.flatMap((file) => sourcesOf(folder, file));
  const bytes = [...coldFiles(folder)].map((file) => statSync(join(folder, file)).size).reduce((sum, size) => sum + size, 0);

  for (const part of ['/functions/runtime/trust/verify-token.ts', '/@aws-sdk/client-dynamodb/', '/node_modules/jose/'])
    expect(sources.some((source) => source.includes(part))).toBe(true);
  for (const foreign of [
    ...['/@aws-sdk/client-sqs/', '/@aws-sdk/client-s3/', '/@aws-sdk/client-ssm/', '/@middy/', '/@opentelemetry/', '/aws-cdk-lib/'],
    ...['/functions/runtime/middleware/', '/functions/runtime/batch/', '/functions/services/operations/', '../client/'],
  ])
    expect(sources.filter((source) => source.includes(foreign))).toEqual([]);
  expect(sources.some((source) => source.includes('../events/names.ts'))).toBe(true);
  // jose is loaded with the first token.
  expect([...coldFiles(folder)].flatMap((file) => sourcesOf(folder, file)).filter((source) => source.includes('/jose/'))).toEqual([]);
  expect(bytes).toBeLessThanOrEqual(330 * 1_024);
});

test('the same sources give the same files, which do not tell where they were built', () => {
  const second = bundled(noOp, 'somewhere/else');

  expect(readdirSync(second)).toEqual(readdirSync(first));
  for (const file of readdirSync(first)) {
    const contents = readFileSync(join(first, file), 'utf8');
    expect(contents === readFileSync(join(second, file), 'utf8'), file).toBe(true);
    expect(contents.includes(repository), file).toBe(false);
  }
});

test('each file has its source map beside it', () => {
  const files = readdirSync(first);
  const code = files.filter((file) => file.endsWith('.mjs'));

  expect(files.filter((file) => file.endsWith('.map')).sort()).toEqual(code.map((file) => `${file}.map`).sort());
  for (const file of code)
    expect(readFileSync(join(first, file), 'utf8').trimEnd()).toMatch(new RegExp(`//# sourceMappingURL=${file}.map$`));
});

test('a CommonJS dependency may require what Node brings', async () => {
  const folder = bundled(join(import.meta.dirname, 'fixtures/requiring.ts'), 'requiring');
  const exported = z.object({ handler: z.custom<(path: string) => Promise<string>>((value) => typeof value === 'function') });
  const { handler } = exported.parse(await import(pathToFileURL(join(folder, 'index.mjs')).href));

  expect(await handler('/a/b.txt')).toBe('b.txt');
});

test('sources that do not build are an error that names the file', () => {
  expect(() => bundled(join(scratch, 'missing.ts'), 'broken')).toThrow(/missing\.ts/);
});
