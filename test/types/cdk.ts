import { App, Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { type AgentDefinition, defineAgent } from 'posthorn';
import {
  type AddedMesh,
  Agent,
  type AgentSource,
  type Authentication,
  addMesh,
  definePolicy,
  discoverAgents,
  type EdgeLimits,
  type IMesh,
  Mesh,
  type OidcClient,
  type Policy,
  PolicyStack,
  readSettings,
  type Settings,
  type TokenAlgorithm,
} from 'posthorn/cdk';
import type { Issuer, ProducerRegistration, RoleRegistration } from 'posthorn/events';
import { expectTypeOf } from 'vitest';
import * as z from 'zod/mini';

const app = new App();
const stack = new Stack(app, 'Stack');
const definition = defineAgent({
  id: 'greeting',
  version: '1.0.0',
  description: 'Greets people by name.',
  capabilities: [{ id: 'greeting', name: 'Greeting', description: 'Says hello.', tags: [] }],
  input: z.object({ name: z.string() }),
  sendsTo: ['letters'],
  async handle() {},
});

expectTypeOf(discoverAgents).returns.toEqualTypeOf<Promise<readonly AgentSource[]>>();
expectTypeOf(addMesh(app, { agents: await discoverAgents('/agents') })).toEqualTypeOf<AddedMesh>();
// @ts-expect-error -- agents are found, not named
addMesh(app, { agents: ['greeting'] });

// An own mesh and a joined one are both a mesh to an agent.
expectTypeOf(new Mesh(stack, 'Mesh', { name: { stage: 'prod' } })).toExtend<IMesh>();

// A mesh without an edge has no API to grant.
expectTypeOf(new Mesh(stack, 'Limited', { edge: { requestsPerSecond: 5 } satisfies EdgeLimits }).edge).toEqualTypeOf<RestApi | undefined>();
new Mesh(stack, 'Closed', { edge: false });
// @ts-expect-error true is no limit.
new Mesh(stack, 'Open', { edge: true });
expectTypeOf(Mesh.join(stack, { prefix: 'posthorn', stage: 'prod' })).toExtend<IMesh>();
// @ts-expect-error -- no such prop
new Mesh(stack, 'Misspelled', { retainsState: true });

// Any agent has a construct, and can be granted more than the mesh grants it.
expectTypeOf(new Agent(stack, 'Agent', { mesh: new Mesh(stack, 'Other'), definition, folder: '/agents/greeting' })).toExtend<IGrantable>();
// @ts-expect-error -- no mesh
new Agent(stack, 'Alone', { definition, folder: '/agents/greeting' });

// A definition has its id and its actions as literal types, also without actions.
const reading = defineAgent({
  id: 'reading',
  version: '1.0.0',
  description: 'Reads.',
  capabilities: [{ id: 'reading', name: 'Reading', description: 'Reads.', tags: [] }],
  input: z.object({ path: z.string() }),
  actions: { process_documents: { types: ['document.added'] }, forget: { allow: ['steward'] } },
  async handle() {},
});
expectTypeOf(reading.id).toEqualTypeOf<'reading'>();
expectTypeOf<keyof typeof reading.actions>().toEqualTypeOf<'process_documents' | 'forget'>();
expectTypeOf(definition.id).toEqualTypeOf<'greeting'>();
expectTypeOf<keyof typeof definition.actions>().toEqualTypeOf<never>();
expectTypeOf(reading).toExtend<AgentDefinition>();
expectTypeOf(definition).toExtend<AgentDefinition>();

// What a policy names is checked against the agents, its producers and its roles.
const agents = [reading, definition] as const;
const shop = { principalIds: ['AROASHOP'], sources: ['https://shop.example.com/'] };
expectTypeOf(
  definePolicy({
    agents,
    foreignAgents: ['billing'],
    producers: { shop },
    roles: {
      reader: { reading: ['process_documents', 'handle'], greeting: ['*'], billing: ['anything'] },
      operator: { '*': ['redrive'] },
      observer: { 'mesh-edge': ['read'] },
    },
    bindings: [
      { role: 'reader', agent: 'greeting' },
      { role: 'reader', agent: 'billing' },
      { role: 'operator', producer: 'shop' },
    ],
  }),
).toEqualTypeOf<Policy>();
const corporate = { issuer: 'https://login.example.com', keys: { jwksUri: 'https://login.example.com/keys' } };
expectTypeOf(
  definePolicy({
    agents,
    foreignAgents: ['billing'],
    producers: { shop: { ...shop, arn: 'arn:aws:iam::111122223333:role/shop' } },
    issuers: {
      aws: { ...corporate, senders: 'subject', algorithms: ['ES384'], maxAgeSeconds: 300 },
      corporate: { ...corporate, senders: ['producer:shop', 'agent:reading', 'agent:billing'] },
      keys: { issuer: 'keys', keys: { jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }] } }, senders: 'subject' },
    },
    roles: { reader: {} },
    bindings: [
      { role: 'reader', issuer: 'corporate', subject: 'alice' },
      { role: 'reader', issuer: 'aws', claim: { name: 'groups', value: 'readers' } },
    ],
  }),
).toEqualTypeOf<Policy>();
expectTypeOf(definePolicy({ agents: [] })).toEqualTypeOf<Policy>();
addMesh(app, { agents: await discoverAgents('/agents'), policy: definePolicy({ agents }) });
// @ts-expect-error -- no such action
definePolicy({ agents, roles: { reader: { reading: ['process_document'] } } });
// @ts-expect-error -- no such action at the REST API
definePolicy({ agents, roles: { reader: { 'mesh-edge': ['*'] } } });
// @ts-expect-error -- an agent without actions has those that every agent has
definePolicy({ agents, roles: { reader: { greeting: ['process_documents'] } } });
// @ts-expect-error -- no such agent
definePolicy({ agents, roles: { reader: { raeding: ['handle'] } } });
// @ts-expect-error -- no such agent
definePolicy({ agents, roles: { reader: {} }, bindings: [{ role: 'reader', agent: 'raeding' }] });
// @ts-expect-error -- no such role
definePolicy({ agents, roles: { reader: {} }, bindings: [{ role: 'raeder', agent: 'reading' }] });
// @ts-expect-error -- no such producer
definePolicy({ agents, producers: { shop }, roles: { reader: {} }, bindings: [{ role: 'reader', producer: 'shp' }] });
// @ts-expect-error -- neither an agent nor a producer
definePolicy({ agents, roles: { reader: {} }, bindings: [{ role: 'reader' }] });
const issuers = { corporate: { ...corporate, senders: 'subject' } } as const;
// @ts-expect-error -- no such issuer
definePolicy({ agents, issuers, roles: { reader: {} }, bindings: [{ role: 'reader', issuer: 'corporation', subject: 'alice' }] });
// @ts-expect-error -- there are no issuers
definePolicy({ agents, roles: { reader: {} }, bindings: [{ role: 'reader', issuer: 'corporate', subject: 'alice' }] });
// @ts-expect-error -- neither a subject nor a claim
definePolicy({ agents, issuers, roles: { reader: {} }, bindings: [{ role: 'reader', issuer: 'corporate' }] });
// @ts-expect-error -- no such producer
definePolicy({ agents, producers: { shop }, issuers: { corporate: { ...corporate, senders: ['producer:shp'] } } });
// @ts-expect-error -- no such agent
definePolicy({ agents, issuers: { corporate: { ...corporate, senders: ['agent:raeding'] } } });
// @ts-expect-error -- a producer's name as a sender has its kind before it
definePolicy({ agents, producers: { shop }, issuers: { corporate: { ...corporate, senders: ['shop'] } } });
// @ts-expect-error -- no senders
definePolicy({ agents, issuers: { corporate } });
// @ts-expect-error -- a key that verifies could sign
definePolicy({ agents, issuers: { corporate: { ...corporate, senders: 'subject', algorithms: ['HS256'] } } });
// @ts-expect-error -- no keys
definePolicy({ agents, issuers: { corporate: { issuer: 'https://login.example.com', senders: 'subject' } } });
// @ts-expect-error -- no sources
definePolicy({ agents, producers: { shop: { principalIds: ['AROASHOP'] } } });
// @ts-expect-error -- no such option
definePolicy({ agents, bidings: [] });

// A policy has the registrations that the registry reads, and is one value for `addMesh` and `PolicyStack`.
const policy = definePolicy({ agents });
expectTypeOf(policy).toEqualTypeOf<Policy>();
expectTypeOf(policy.producers).toEqualTypeOf<readonly ProducerRegistration[]>();
expectTypeOf(policy.roles).toEqualTypeOf<readonly RoleRegistration[]>();
expectTypeOf(policy.issuers).toEqualTypeOf<readonly Issuer[]>();
expectTypeOf(policy.foreignAgents).toEqualTypeOf<readonly string[]>();
expectTypeOf(new PolicyStack(app, { policy })).toExtend<Stack>();
new PolicyStack(app, { name: { stage: 'prod' }, policy, appName: 'shipping', env: { region: 'eu-central-1' } });
// @ts-expect-error -- no policy
new PolicyStack(app, { name: { stage: 'prod' } });
// @ts-expect-error -- options are not a policy
new PolicyStack(app, { policy: { agents } });
// @ts-expect-error -- a policy is not changed after its checks
policy.roles.push({ id: 'reader', permissions: {}, members: [] });

// The settings of the senders.
const settings = readSettings({});
expectTypeOf(settings).toEqualTypeOf<Settings>();
expectTypeOf(settings.authentication).toEqualTypeOf<Authentication>();
expectTypeOf<Authentication>().toEqualTypeOf<'iam' | 'jwt' | 'none'>();
expectTypeOf(settings.tokens).toEqualTypeOf<OidcClient | undefined>();
expectTypeOf(settings.untaggedSenders).toEqualTypeOf<readonly string[]>();
expectTypeOf(settings.appName).toEqualTypeOf<string | undefined>();
expectTypeOf(settings.issuersElsewhere).toEqualTypeOf<boolean>();
const provider = { tokenUrl: 'https://login.example.com/token', clientId: 'greeting', secretParameter: '/posthorn/client-secret' };
provider satisfies OidcClient;
const place = { mesh: new Mesh(stack, 'Third'), definition, folder: '/agents/greeting' };
new Agent(stack, 'WithTokens', { ...place, authentication: 'jwt', tokens: { ...provider, scope: 'mesh' } });
// @ts-expect-error -- no such authentication
new Agent(stack, 'WithMtls', { ...place, authentication: 'mtls' });
// @ts-expect-error -- a secret is in a parameter, never in a template
new Agent(stack, 'WithSecret', { ...place, tokens: { ...provider, clientSecret: 'secret' } });
expectTypeOf<TokenAlgorithm>().toExtend<string>();
// @ts-expect-error -- a key that verifies could sign
'HS256' satisfies TokenAlgorithm;
