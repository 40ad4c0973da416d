import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { type AgentOptions, defineAgent } from '../../functions/runtime/agent/define-agent.ts';
import { meshApp } from '../../infra/mesh.ts';
import { RefusedError } from '../../infra/refused-error.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { planDeployment } from '../../local/template/deployment.ts';
import { resolveIntrinsics } from '../../local/template/intrinsics.ts';
import { StackScopes } from '../../local/template/stack-scope.ts';

const folder = join(import.meta.dirname, 'fixtures/agents/answering');

/** The region with the longest URLs. */
const place = { region: 'cn-northwest-1', accountId: '123456789012', endpoint: 'https://sqs.cn-northwest-1.amazonaws.com.cn' };

type Options = Partial<AgentOptions<z.ZodUnknown, string>> & { readonly id: string };

/** The assembly of a mesh of such agents, in stage prod, which has the longer names and the more alarms. */
async function synthesize(agents: readonly Options[]) {
  const outdir = mkdtempSync(join(tmpdir(), 'posthorn-many-'));
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
  const sources = agents.map((options) => ({
    folder: options.id,
    entry: join(folder, 'lambda.ts'),
    definition: defineAgent<z.ZodUnknown, string>({
      version: '1.0.0',
      description: 'One of many.',
      capabilities: [{ id: 'one', name: 'One', description: 'One.', tags: [] }],
      input: z.unknown(),
      handle: async () => {},
      ...options,
    }),
  }));
  meshApp({ agents: sources, outdir, context: { stage: 'prod', 'aws:cdk:bundling-stacks': [] } }).synth();
  return readAssembly(outdir);
}

/** Ids as long as an id may be. */
const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `${'agent-'.repeat(7)}x-${String(index).padStart(4, '0')}`);

const policySchema = z.object({ PolicyDocument: z.unknown() });

test('many agents are a stack each, of a size that does not depend on how many there are', async () => {
  const ids = idsOf(60);
  const { stacks } = await synthesize(ids.map((id) => ({ id })));

  expect(stacks.map(({ name }) => name)).toEqual(['posthorn-prod-state', ...ids.map((id) => `posthorn-prod-agent-${id}`)]);
  expect(Math.max(...stacks.map(({ template }) => Object.keys(template.Resources).length))).toBeLessThan(25);
});

test('an agent may have the id of another part of the mesh', async () => {
  const { stacks } = await synthesize([{ id: 'state' }, { id: 'agent-state' }]);

  expect(stacks.map(({ name }) => name)).toEqual(['posthorn-prod-state', 'posthorn-prod-agent-state', 'posthorn-prod-agent-agent-state']);
});

test('as many targets as are not refused fit into what Lambda and IAM take', async () => {
  const [id = '', ...targets] = idsOf(55);
  const assembly = await synthesize([
    { id, sendsTo: targets, environment: { TONE: 'friendly' } },
    ...targets.map((target) => ({ id: target })),
  ]);
  const sender = planDeployment(assembly, place).mappings.find((mapping) => mapping.function.name.endsWith(id))?.function;
  const stack = assembly.stacks.find(({ name }) => name.endsWith(id));
  if (sender === undefined || stack === undefined) throw new Error('the sender was not synthesized');

  expect(JSON.parse(sender.environment.POSTHORN_TARGETS ?? '')).toEqual({
    inboxUrl: `${place.endpoint}/${place.accountId}/posthorn-prod-{agent}-inbox`,
    agents: targets,
  });
  const bytes = Buffer.byteLength(JSON.stringify(sender.environment));
  expect(bytes).toBeGreaterThan(3_900);
  expect(bytes).toBeLessThanOrEqual(4_096);

  const scope = new StackScopes(assembly, place).of(stack);
  const policies = Object.values(stack.template.Resources).filter(({ Type }) => /^AWS::IAM::(Managed)?Policy$/.test(Type));
  const granted = policies.map(({ Type, Properties }) => {
    const document = JSON.stringify(resolveIntrinsics(policySchema.parse(Properties).PolicyDocument, scope));
    expect(document.length, Type).toBeLessThanOrEqual(Type === 'AWS::IAM::Policy' ? 10_240 : 6_144);
    return document;
  });
  for (const target of targets) expect(granted.join()).toContain(`:posthorn-prod-${target}-inbox"`);
});

test('more targets or variables than Lambda takes are refused, naming the agent', async () => {
  const [id = '', ...targets] = idsOf(60);

  await expect(synthesize([{ id, sendsTo: targets }, ...targets.map((target) => ({ id: target }))])).rejects.toThrow(
    new RefusedError([
      `agent '${id}': its variables and the ids of the 59 agents in sendsTo come to 3151 bytes; of the 4 KiB that Lambda takes, 2944 are left to them`,
    ]),
  );
  await expect(synthesize([{ id: 'talkative', environment: { PROMPT: 'x'.repeat(3_000) } }])).rejects.toThrow(/^agent 'talkative': /);
});

test('a description that is too long for Lambda is shortened there', async () => {
  const { stacks } = await synthesize([{ id: 'verbose', description: 'word '.repeat(100) }]);
  const [lambda] = Object.values(stacks[1]?.template.Resources ?? {}).filter(({ Type }) => Type === 'AWS::Lambda::Function');

  expect(lambda?.Properties.Description).toHaveLength(256);
  expect(lambda?.Properties.Description).toMatch(/^word .*…$/);
});
