import type { LoadReading } from '../../events/load-reading.ts';
import { audienceOf } from '../../events/names.ts';
import type { LatestSnapshot } from '../../events/snapshot.ts';
import { AGENT_IDS, type AgentId } from './agents.ts';
import type { FaultKind } from './faults.ts';
import type { Sender } from './senders.ts';
import type { SimulatedEndpoint } from './simulated-aws-clients.ts';
import { MESH_PREFIX } from './simulated-issuer.ts';
import type { Services } from './simulated-ports.ts';
import type { SimulatedProbe } from './simulated-probe.ts';
import { latencyMs, type World } from './world.ts';

/** SQS's limits of a request. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;

/** With all of its retries, a message is sent before its token expires. */
const MAX_SLOW_MS = 10_000;

interface SentEntry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
  readonly MessageGroupId?: string;
}

/** By command: the part of its input that is read here. */
interface Inputs {
  readonly QueueName?: string;
  readonly QueueUrl?: string;
  readonly Entries?: readonly SentEntry[];
  readonly Audience?: readonly string[];
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
}

/** What AWS answers to one producer: queues, its tokens, and what the probe has published. */
export class ProducerEndpoint implements SimulatedEndpoint {
  readonly #world: World;
  readonly #services: Services;
  readonly #probe: SimulatedProbe;
  readonly #producer: number;
  readonly #sender: Sender;
  readonly #onTrouble: () => void;
  /** How often an entry was sent: a retry has the same entry. */
  readonly #attempts = new WeakMap<SentEntry, number>();
  readonly #refused = new WeakSet<SentEntry>();
  #isDestroyed = false;

  constructor(
    world: World,
    services: Services,
    of: { readonly probe: SimulatedProbe; readonly producer: number; readonly sender: Sender; readonly onTrouble: () => void },
  ) {
    this.#world = world;
    this.#services = services;
    this.#probe = of.probe;
    this.#producer = of.producer;
    this.#sender = of.sender;
    this.#onTrouble = of.onTrouble;
  }

  destroyed(): void {
    this.#isDestroyed = true;
  }

  async answer(command: string, input: Inputs): Promise<object> {
    if (this.#isDestroyed) this.#misuse(`${command} after the producer's connections were closed`);
    switch (command) {
      case 'GetQueueUrlCommand':
        return this.#request({ before: 'inbox-not-found' }, () => ({ QueueUrl: `${agentIn(input.QueueName ?? '')} inbox` }));
      case 'SendMessageBatchCommand':
        return this.#send(input.QueueUrl ?? '', input.Entries ?? []);
      case 'GetWebIdentityTokenCommand':
        return this.#token(input.Audience?.[0] ?? '');
      case 'QueryCommand':
        return this.#load(agentIn(input.ExpressionAttributeValues?.[':sort']?.S ?? ''));
      default:
        throw new Error(`nobody answers ${command}`);
    }
  }

  #send(queueName: string, entries: readonly SentEntry[]): Promise<object> {
    const { faults, note } = this.#world;
    const queue = this.#services.queues.get(queueName);
    if (queue === undefined) throw new Error(`there is no queue ${queueName}`);
    const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
    if (entries.length === 0 || entries.length > MAX_ENTRIES || bytes > MAX_BYTES) this.#misuse(`a request of ${entries.length} messages`);
    const requested = entries.map((entry) => {
      const attempt = (this.#attempts.get(entry) ?? 0) + 1;
      this.#attempts.set(entry, attempt);
      if (this.#refused.has(entry)) this.#misuse("an entry was sent again that SQS had refused for the sender's fault");
      const { MessageBody: body, MessageGroupId: group } = entry;
      return { body, attempt, ...(group !== undefined && { group }) };
    });
    note({ what: 'requested', producer: this.#producer, queue: queueName, entries: requested });
    return this.#request({ before: 'send-fails-before', after: 'send-fails-after', slow: 'send-slow' }, () => {
      const Successful: object[] = [];
      const Failed: object[] = [];
      for (const [index, entry] of entries.entries()) {
        const { Id, MessageBody: body, MessageAttributes = {}, MessageGroupId: group } = entry;
        const isFinal = faults.happens('send-item-refused');
        if (isFinal || faults.happens('send-item-fails')) {
          if (isFinal) this.#refused.add(entry);
          else this.#onTrouble();
          note({ what: 'refused', producer: this.#producer, body, isFinal, attempt: requested[index]?.attempt ?? 0 });
          Failed.push({ Id, SenderFault: isFinal, Code: isFinal ? 'InvalidMessageContents' : 'InternalError' });
          continue;
        }
        const attributes = Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]));
        const { messageId } = queue.send(body, attributes, this.#sender, { group });
        Successful.push({ Id, MessageId: messageId });
      }
      return { Successful, Failed };
    });
  }

  async #token(audience: string): Promise<object> {
    const { issuer } = this.#services;
    const agent = AGENT_IDS.find((id) => audienceOf(MESH_PREFIX, id) === audience);
    if (issuer === undefined || agent === undefined) throw new Error(`nobody issues tokens for ${audience}`);
    return this.#request({ before: 'tokens-fail', slow: 'tokens-slow' }, () => {
      if (issuer.areTokensOut) throw faultOf('tokens-outage');
      const { token, expiresAt } = issuer.current(this.#sender, agent);
      return { WebIdentityToken: token, Expiration: new Date(expiresAt) };
    });
  }

  async #load(agent: AgentId): Promise<object> {
    const { faults, note } = this.#world;
    const consulted = { what: 'consulted', producer: this.#producer, agent } as const;
    try {
      const latest = await this.#request({ before: 'load-fails', slow: 'load-slow' }, () => {
        if (faults.happens('load-missing')) return undefined;
        const published = this.#probe.published(agent, faults.happens('load-stale'));
        return published && faults.happens('load-odd') ? this.#odd(published) : published;
      });
      note({ ...consulted, ...(latest?.load !== undefined && { reading: latest.load }) });
      return { Items: latest === undefined ? [] : [{ value: { S: JSON.stringify(latest) } }] };
    } catch (error) {
      note({ ...consulted, error: String(error) });
      throw error;
    }
  }

  /** What a mesh in trouble publishes. */
  #odd(latest: LatestSnapshot): LatestSnapshot {
    const { timing } = this.#world;
    const { load } = latest;
    if (load === undefined) return latest;
    const form = timing.weighted({ stalled: 3, stalledBelow: 3, slowBelow: 2, slow: 2, fast: 1, idle: 1 });
    const below = (pressure: number, drainRatio: number): LoadReading => ({
      ...load,
      downstream: { agent: 'notifying', goalSeconds: 30, pressure, drainRatio },
    });
    const odd = {
      stalled: (): LoadReading => ({ ...load, backlog: load.backlog + 10, isStalled: true }),
      stalledBelow: () => below(1_000, 0),
      slowBelow: () => below(timing.integer(1, 20), timing.integer(1, 100) / 100),
      slow: (): LoadReading => ({ ...load, backlog: timing.integer(1, 100_000), drainPerSecond: timing.integer(1, 100) / 100 }),
      fast: (): LoadReading => ({ ...load, backlog: 0, capacityPerSecond: timing.integer(100, 10_000) }),
      idle: (): LoadReading => ({ ...load, backlog: 0, drainPerSecond: 0, arrivedPerSecond: 0, capacityPerSecond: undefined }),
    };
    return { ...latest, load: odd[form]() };
  }

  /** @throws Error of the service, before or after the effect */
  #request<Answer>(
    kinds: { readonly before: FaultKind; readonly after?: FaultKind; readonly slow?: FaultKind },
    perform: () => Answer,
  ): Promise<Answer> {
    const { scheduler, timing, faults } = this.#world;
    const slowMs = kinds.slow !== undefined && faults.happens(kinds.slow) ? timing.integer(500, MAX_SLOW_MS) : 0;
    const isRequestSlow = timing.chance(0.5);
    const isRefused = faults.happens(kinds.before);
    const isLost = kinds.after !== undefined && faults.happens(kinds.after);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    scheduler.after(latencyMs(this.#world) + (isRequestSlow ? slowMs : 0), () => {
      let end = () => reject(faultOf(kinds.before));
      if (!isRefused) {
        try {
          const answer = perform();
          end = isLost ? () => reject(faultOf(kinds.after ?? kinds.before)) : () => resolve(answer);
        } catch (error) {
          end = () => reject(error);
        }
      }
      scheduler.after(latencyMs(this.#world) + (isRequestSlow ? 0 : slowMs), end);
    });
    return promise;
  }

  #misuse(reason: string): void {
    this.#world.note({ what: 'misused', invocation: -1, reason: `producer ${this.#producer}: ${reason}` });
  }
}

/** As the SDK throws it when its own retries are used up: the next message may fare better. */
function faultOf(kind: FaultKind): Error {
  return Object.assign(new Error(kind), { name: 'SimulatedFault', $fault: 'server' });
}

function agentIn(name: string): AgentId {
  const agent = AGENT_IDS.find((id) => name === id || name.includes(`-${id}-`) || name.endsWith(`-${id}`));
  if (agent === undefined) throw new Error(`${name} is of no agent`);
  return agent;
}
