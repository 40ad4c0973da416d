import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { type AgentOptions, defineAgent } from '../../functions/runtime/agent/define-agent.ts';
import { addMesh, RefusedError } from '../../infra/index.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { planDeployment } from '../../local/template/deployment.ts';
import { resolveIntrinsics } from '../../local/template/intrinsics.ts';
import { StackScopes } from '../../local/template/stack-scope.ts';
import { testApp } from './fixture-mesh.ts';

/** A joining app imports the key of its mesh's alert topic. */
const ELSEWHERE = { exported: () => ({ value: 'arn:aws:kms:us-east-1:000000000000:key/alerts' }), queue: () => undefined };

/** Its definition is not used. */
const folder = join(import.meta.dirname, 'fixtures/agents/answering');

/** The region with the longest URLs. */
const place = { region: 'cn-northwest-1', accountId: '123456789012', endpoint: 'https://sqs.cn-northwest-1.amazonaws.com.cn' };

type Options = Partial<AgentOptions<z.ZodUnknown, string, string, never, never>> & { readonly id: string };

/** The assembly of a mesh of such agents, in stage prod, which has the more alarms. */
async function synthesize(agents: readonly Options[], context: Readonly<Record<string, unknown>> = {}) {
  const outdir = mkdtempSync(join(tmpdir(), 'posthorn-many-'));
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
  const sources = agents.map((options) => ({
    folder,
    definition: defineAgent<z.ZodUnknown, string>({
      version: '1.0.0',
      description: 'One of many.',
      capabilities: [{ id: 'one', name: 'One', description: 'One.', tags: [] }],
      input: z.unknown(),
      handle: async () => {},
      ...options,
    }),
  }));
  // Each agent that a test leaves out would be a warning on the terminal.
  const app = testApp(outdir, { stage: 'prod', '@aws-cdk/core:annotationsInValidationReport': false, ...context });
  addMesh(app, { agents: sources });
  app.synth();
  return readAssembly(outdir);
}

/** The longest names that a mesh may have. */
const LONGEST = { prefix: 'p'.repeat(14), stage: 's'.repeat(12) };
const MESH_PREFIX = `${LONGEST.prefix}-${LONGEST.stage}`;

/** Ids as long as an id may be in such a mesh. */
const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `${'agent-'.repeat(5)}x-${String(index).padStart(4, '0')}`);

const policySchema = z.object({ PolicyDocument: z.unknown() });

test('many agents are a stack each, of a size that does not depend on how many there are', async () => {
  const ids = idsOf(20);
  const { stacks } = await synthesize(ids.map((id) => ({ id })));
  const alone = await synthesize(ids.slice(0, 1).map((id) => ({ id })));
  const sizes = ({ template }: (typeof stacks)[number]) => Object.keys(template.Resources).length;

  expect(stacks.map(({ name }) => name)).toEqual(['posthorn-prod-state', ...ids.map((id) => `posthorn-prod-agent-${id}`)]);
  expect([...new Set(stacks.map(sizes))]).toEqual(alone.stacks.map(sizes));
  expect(Math.max(...stacks.slice(1).map(sizes))).toBeLessThan(25);
});

test('an agent may have the id of another part of the mesh', async () => {
  const { stacks } = await synthesize([{ id: 'state' }, { id: 'agent-state' }]);

  expect(stacks.map(({ name }) => name)).toEqual(['posthorn-prod-state', 'posthorn-prod-agent-state', 'posthorn-prod-agent-agent-state']);
});

/** What the deployment gives to an agent: the variables of its function, and the policies of its role as JSON. */
async function deploy(agent: Options, context: Readonly<Record<string, unknown>>) {
  const assembly = await synthesize([agent], { ...LONGEST, ...context });
  const { mappings } = planDeployment(assembly, place, ELSEWHERE);
  const lambda = mappings.find((mapping) => mapping.function.name.endsWith(agent.id))?.function;
  const stack = assembly.stacks.find(({ name }) => name.endsWith(agent.id));
  if (lambda === undefined || stack === undefined) throw new Error('the agent was not synthesized');
  const scope = new StackScopes(assembly, place).of(stack);
  const keyOfJoined = { ...scope, imported: () => 'arn:aws-cn:kms:cn-northwest-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef' };
  const policies = Object.values(stack.template.Resources).filter(({ Type }) => /^AWS::IAM::(Managed)?Policy$/.test(Type));
  return {
    environment: lambda.environment,
    policies: policies.map(({ Type, Properties }) => ({
      maxCharacters: Type === 'AWS::IAM::Policy' ? 10_240 : 6_144,
      json: JSON.stringify(resolveIntrinsics(policySchema.parse(Properties).PolicyDocument, context.join ? keyOfJoined : scope)),
    })),
  };
}

/** As many ids as one agent may send to; a terse one is no longer than an id must be. */
const verbose = idsOf(66).slice(1);
const terse = Array.from({ length: 300 }, (_, index) => (360 + index).toString(36));

const jwt = { authentication: 'jwt', issuersElsewhere: true };
const tokens = {
  tokenUrl: `https://idp.example.com/${'tenants/'.repeat(80)}token`,
  clientId: '"mesh"',
  secretParameter: '/mesh/client',
  scope: 'send',
};

test.each<[string, readonly string[], Readonly<Record<string, unknown>>]>([
  ['of a mesh', verbose, {}],
  ['of a joined mesh', verbose, { join: true }],
  ['with short ids', terse, {}],
  ['that want tokens', verbose, jwt],
  ['that want tokens and have short ids', terse, jwt],
  ['that want tokens of an identity provider', verbose.slice(0, 45), { ...jwt, tokens }],
  ['of a joined mesh that want tokens', terse, { ...jwt, join: true }],
])('as many targets %s as are not refused fit into what Lambda and IAM take', async (_, targets, context) => {
  const [id = ''] = idsOf(1);
  const own = 'tokens' in context ? { POSTHORN_TOKENS: JSON.stringify(tokens) } : {};
  const free = 2_816 - Buffer.byteLength(JSON.stringify({ TONE: '', ...own, POSTHORN_TARGETS: JSON.stringify(targets) }));
  const sender = (bytes: number) => ({ id, sendsTo: targets, environment: { TONE: 'x'.repeat(bytes) } });
  await expect(deploy(sender(free + 1), context)).rejects.toThrow('2817 bytes');
  const { environment, policies } = await deploy(sender(free), context);

  expect(environment).toMatchObject(own);
  expect(JSON.parse(environment.POSTHORN_TARGETS ?? '')).toEqual({
    inboxUrl: `${place.endpoint}/${place.accountId}/${MESH_PREFIX}-{agent}-inbox`,
    agents: targets,
  });
  const bytes = Buffer.byteLength(JSON.stringify(environment));
  expect(bytes).toBeGreaterThan(3_900);
  expect(bytes).toBeLessThanOrEqual(4_096);

  for (const { json, maxCharacters } of policies) expect(json.length).toBeLessThanOrEqual(maxCharacters);
  // One is the role's own; ten may be attached to it.
  expect(policies.length).toBeLessThanOrEqual(11);
  const granted = policies.map(({ json }) => json).join();
  const wantsTokensOfAws = 'authentication' in context && !('tokens' in context);
  for (const target of targets) expect(granted).toContain(`:${MESH_PREFIX}-${target}-inbox"`);
  expect(granted.includes(`"${MESH_PREFIX}/*"`)).toBe(wantsTokensOfAws);
});

test('more targets or variables than Lambda takes are refused, naming the agent', async () => {
  const [id = '', ...targets] = idsOf(80);

  await expect(synthesize([{ id, sendsTo: targets }])).rejects.toThrow(
    new RefusedError([
      `agent '${id}': its variables and the ids of the 79 agents in sendsTo come to 3263 bytes; of Lambda's 4 KiB, 2816 are left for them`,
    ]),
  );
  await expect(synthesize([{ id: 'talkative', environment: { PROMPT: 'x'.repeat(3_000) } }])).rejects.toThrow(/^agent 'talkative': /);
  const long = { ...tokens, scope: 'x'.repeat(3_000) };
  await expect(synthesize([{ id: 'scoped', sendsTo: ['a1', 'a2'] }], { ...jwt, tokens: long })).rejects.toThrow(
    /^agent 'scoped': its variables, the setting 'tokens' and the ids of the 2 agents in sendsTo come to 3\d{3} bytes; of Lambda's 4 KiB, 2816 are left for them$/,
  );
  await expect(synthesize([{ id: 'scoped', sendsTo: ['a1', 'a2'] }], { tokens: long })).resolves.toBeDefined();
});

test('more targets than the policies of a role hold are refused, naming the agent', async () => {
  const targets = [...terse, 'zz'];

  await expect(synthesize([{ id: 'chatty', sendsTo: targets }])).rejects.toThrow(
    new RefusedError(["agent 'chatty': sendsTo names 301 agents, and the policies of a role hold 300"]),
  );
});

test('names that are longer than Lambda takes are refused, naming each agent', async () => {
  const [longest = ''] = idsOf(1);
  const { stacks } = await synthesize([{ id: longest }], LONGEST);

  const names = stacks.flatMap(({ template }) =>
    Object.values(template.Resources).flatMap(({ Properties }) =>
      z.array(z.string()).parse([Properties.FunctionName, Properties.QueueName].filter((name) => typeof name === 'string')),
    ),
  );
  expect(names).toContain(`${MESH_PREFIX}-${longest}`);
  expect(names).toContain(`${MESH_PREFIX}-${longest}-errors`);
  expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(80);

  await expect(synthesize([{ id: `${longest}xyz` }, { id: 'short' }, { id: `${longest}x` }], LONGEST)).rejects.toThrow(
    new RefusedError([
      `agent '${longest}xyz': its function's name '${MESH_PREFIX}-${longest}xyz' has 67 characters, and Lambda takes 64; make prefix, stage and id 3 shorter together`,
      `agent '${longest}x': its function's name '${MESH_PREFIX}-${longest}x' has 65 characters, and Lambda takes 64; make prefix, stage and id 1 shorter together`,
    ]),
  );
});

test('a description that is too long for Lambda is shortened there', async () => {
  const { stacks } = await synthesize([{ id: 'verbose', description: 'word '.repeat(100) }]);
  const [lambda] = Object.values(stacks[1]?.template.Resources ?? {}).filter(({ Type }) => Type === 'AWS::Lambda::Function');

  expect(lambda?.Properties.Description).toHaveLength(256);
  expect(lambda?.Properties.Description).toMatch(/^word .*…$/);
});
