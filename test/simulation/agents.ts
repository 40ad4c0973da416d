import type { AgentDefinition, Context, Message } from '../../functions/runtime/agent/agent.ts';
import { ask } from './ask.ts';
import type { AgentPolicy } from './history.ts';
import type { RuntimeModules } from './load-runtime.ts';
import { type Data, dataSchema, wireOf } from './message-data.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { Surroundings } from './surroundings.ts';
import type { World } from './world.ts';

/** What each agent sends to, by name and by capability, and its settings. */
export const AGENTS = {
  intake: { sendsTo: ['research', 'charging', 'writing'], calls: ['drafting'], maxRetries: 3, baseDelaySeconds: 1, isExclusive: false },
  research: { sendsTo: ['writing', 'charging'], calls: ['telling'], maxRetries: 3, baseDelaySeconds: 1, isExclusive: false },
  charging: { sendsTo: ['notifying'], calls: [], maxRetries: 3, baseDelaySeconds: 2, isExclusive: true },
  writing: { sendsTo: ['notifying'], calls: [], maxRetries: 1, baseDelaySeconds: 1, isExclusive: false },
  notifying: { sendsTo: [], calls: [], maxRetries: 5, baseDelaySeconds: 2, isExclusive: false },
} as const satisfies Record<
  string,
  Omit<AgentPolicy, 'maxDelaySeconds'> & { readonly sendsTo: readonly string[]; readonly calls: readonly string[] }
>;

export type AgentId = keyof typeof AGENTS;
export const AGENT_IDS: readonly AgentId[] = ['intake', 'research', 'charging', 'writing', 'notifying'];

/** The agents that offer each capability that another calls, with their versions: the callers come before them. */
export const OFFERS = {
  drafting: { research: '2.1.0', writing: '1.4.0', charging: '2.0.0' },
  telling: { writing: '1.4.0', notifying: '3.0.0' },
} as const satisfies Record<(typeof AGENTS)[AgentId]['calls'][number], Partial<Record<AgentId, string>>>;

export const TIMEOUT_SECONDS = 30;
const MAX_DELAY_SECONDS = 20;

export const POLICIES: Readonly<Record<string, AgentPolicy>> = Object.fromEntries(
  AGENT_IDS.map((id) => [id, { ...AGENTS[id], maxDelaySeconds: MAX_DELAY_SECONDS }]),
);

/** What an agent's author uses of the mesh. */
export type AgentMessage = Pick<Message<Data>, 'source' | 'id' | 'generation' | 'attempt' | 'data'>;
export type AgentContext = Pick<Context, 'send' | 'reply' | 'idempotencyKey' | 'sender'>;
export type Handle = (message: AgentMessage, context: AgentContext) => Promise<unknown>;

/** What the author of an agent writes, whatever stack runs it. */
export const handleOf =
  (id: AgentId, surroundings: Surroundings, errors: RuntimeModules['errors']): Handle =>
  (message, context) => {
    const handling = surroundings.nextHandling();
    return observe(id, message, context.sender.senderId, handling, surroundings, () =>
      work(id, message, context, handling, surroundings, errors),
    );
  };

/** The five agents of the campaign. */
export function defineAgents({ defineAgent, errors }: RuntimeModules) {
  return (id: AgentId, surroundings: Surroundings): AgentDefinition => {
    const { sendsTo, calls, maxRetries, baseDelaySeconds, isExclusive } = AGENTS[id];
    const handle = handleOf(id, surroundings, errors);
    return defineAgent({
      id,
      version: `${surroundings.process.version}.0.0`,
      description: id,
      capabilities: [{ id, name: id, description: id, tags: [] }],
      input: dataSchema,
      sendsTo: [...sendsTo],
      calls: surroundings.hasDiscovery ? [...calls] : [],
      retry: { maxRetries, baseDelaySeconds, maxDelaySeconds: MAX_DELAY_SECONDS },
      timeoutSeconds: TIMEOUT_SECONDS,
      exclusive: isExclusive,
      handle,
    });
  };
}

async function observe(
  agent: AgentId,
  message: AgentMessage,
  sender: string,
  handling: number,
  { world, process }: Surroundings,
  handle: () => Promise<unknown>,
): Promise<unknown> {
  const { source, id, generation, attempt } = message;
  const invocation = process.invocation?.number ?? -1;
  const isTampered = message.data.seal !== 'true';
  world.note({ what: 'started', invocation, agent, source, id, generation, attempt, handling, sender, isTampered });
  const ended = (how: 'returned' | 'permanent' | 'transient' | 'unknown' | 'interrupted') =>
    world.note({ what: 'ended', invocation, agent, source, id, handling, how });
  try {
    const result = await handle();
    ended('returned');
    return result;
  } catch (error) {
    const kind: unknown = typeof error === 'object' && error !== null && 'kind' in error ? error.kind : undefined;
    // What the mesh itself throws where it cannot go on; the author's code has no part in it.
    if (error instanceof Error && error.name === 'Interrupted') ended('interrupted');
    else ended(kind === 'permanent' || kind === 'transient' ? kind : 'unknown');
    throw error;
  }
}

const never = () => new Promise<never>(() => undefined);

async function work(
  agent: AgentId,
  { data, attempt }: AgentMessage,
  context: AgentContext,
  handling: number,
  surroundings: Surroundings,
  { PermanentError, TransientError }: RuntimeModules['errors'],
): Promise<unknown> {
  const { world, process } = surroundings;
  const { choices } = world;
  data.scratch.handling = handling;
  await process.sleep(choices.integer(5, 400));
  const send = () => sendOn(agent, data, context, handling, surroundings);
  const isFixed = data.fixedIn !== 0 && process.version >= data.fixedIn;
  switch (isFixed ? 'ok' : data.kind) {
    case 'slow':
      await process.sleep(choices.integer(1_000, 12_000));
      break;
    case 'flaky':
      if (choices.chance(0.4)) {
        await send();
        throw new TransientError('Flaky', 'the model is overloaded');
      }
      break;
    case 'limited':
      if (attempt < 3) throw new TransientError('RateLimited', 'the model asks to wait', { retryAfterSeconds: 12 });
      break;
    case 'permanent':
      await send();
      throw new PermanentError('Unprocessable', 'this cannot be done');
    case 'bug':
      await send();
      throw bug(agent);
    case 'kills':
      process.disturb('poison');
      process.kill();
      return never();
    case 'loops':
      process.disturb('poison');
      process.loop();
      return never();
    case 'hangs':
      await send();
      return never();
    case 'late':
      await process.sleep(TIMEOUT_SECONDS * 1_000 + choices.integer(0, 30_000));
  }
  if (agent === 'charging') await charge(context.idempotencyKey, process, world, TransientError);
  await send();
  return choices.chance(0.3) ? { tag: data.tag, words: choices.integer(1, 1_000) } : undefined;
}

/** An agent asks a model: each time it may want other things, and another number of them. */
async function sendOn(agent: AgentId, { tag }: Data, context: AgentContext, handling: number, surroundings: Surroundings): Promise<void> {
  const { choices } = surroundings.world;
  const { sendsTo, calls } = AGENTS[agent];
  // Identifies the handling that caused it.
  const type = `handling-${handling}`;
  const count = agent === 'intake' ? choices.integer(0, 3) : choices.integer(0, 2);
  const isAtOnce = surroundings.hasDiscovery && choices.chance(0.3);
  const sending: Promise<void>[] = [];
  for (let index = 0; index < count && sendsTo.length > 0; index++) {
    const target = sendsTo[choices.integer(0, sendsTo.length - 1)];
    const next = surroundings.compose(tag);
    const capability = surroundings.hasDiscovery && choices.chance(0.7) ? calls[0] : undefined;
    if (target === undefined) continue;
    const sent =
      capability === undefined
        ? context.send(target, wireOf(next), { subject: next.kind, type })
        : ask(capability, next, `${type}/${capability}/${index}`, context, surroundings);
    if (isAtOnce) sending.push(sent);
    else await sent;
  }
  if (isAtOnce) await Promise.all(sending);
  if (sendsTo.length === 0 || choices.chance(0.1)) await context.reply({ tag, answer: choices.integer(0, 1_000_000) }, { type });
}

/** A payment service that charges a key once, however often it is asked. */
async function charge(key: string, process: SimulatedProcess, world: World, TransientError: RuntimeModules['errors']['TransientError']) {
  try {
    await process.request({ before: ['charge-fails'], after: ['charge-lost'] }, () => world.note({ what: 'charged', key }));
  } catch (cause) {
    throw new TransientError('PaymentUnavailable', 'the payment service does not answer', { cause });
  }
}

function bug(agent: string): Error {
  const error = new TypeError("Cannot read properties of undefined (reading 'length')");
  // The same in each checkout and build, for it makes the alert's fingerprint.
  error.stack = `${error.name}: ${error.message}\n    at handle (functions/agents/${agent}/agent.ts:1:1)`;
  return error;
}
