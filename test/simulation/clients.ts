import type { createProducer } from '../../client/producer/create-producer.ts';
import type { MeshProducer } from '../../client/producer/mesh-producer.ts';
import type { AgentId } from './agents.ts';
import { CountedSignal } from './counted-signal.ts';
import { ProducerEndpoint } from './producer-endpoint.ts';
import type { Sender } from './senders.ts';
import { SIMULATED_ENDPOINTS } from './simulated-aws-clients.ts';
import { MESH_PREFIX } from './simulated-issuer.ts';
import type { Services } from './simulated-ports.ts';
import type { SimulatedProbe } from './simulated-probe.ts';
import type { VirtualGlobals } from './virtual-globals.ts';
import type { World } from './world.ts';

/** With so many messages that are not sent, a client makes no more: it is what backpressure asks of it. */
const MOST_UNSENT = 60;

/** If no message is sent for so long, none ever will be. The slowest lane sends one in ten seconds. */
const PATIENCE_MS = 3_600_000;

/** A message of a client, until SQS has it. */
interface Unsent {
  readonly sender: Sender;
  readonly agent: AgentId;
  readonly body: string;
}

interface Opened {
  readonly number: number;
  readonly producer: MeshProducer;
  /** Of the whole process. */
  readonly signal: CountedSignal;
  /** The messages that wait with that signal. */
  readonly waiting: Set<number>;
}

/** Clients with the real producer. They send again what failed, and end producers in the middle of their work. */
export class Clients {
  readonly #world: World;
  readonly #services: Services;
  readonly #probe: SimulatedProbe;
  readonly #create: typeof createProducer;
  readonly #globals: VirtualGlobals;
  readonly #opened = new Map<string, Opened>();
  readonly #signals: CountedSignal[] = [];
  readonly #gathered = new Map<string, Unsent[]>();
  #producers = 0;
  #gives = 0;
  #unsent = 0;
  #closing = 0;
  #isEnding = false;
  #haveGivenUp = false;
  #cancelGivingUp: () => void = () => undefined;

  constructor(
    world: World,
    services: Services,
    of: { readonly probe: SimulatedProbe; readonly create: typeof createProducer; readonly globals: VirtualGlobals },
  ) {
    this.#world = world;
    this.#services = services;
    this.#probe = of.probe;
    this.#create = of.create;
    this.#globals = of.globals;
  }

  /** A producer has come to nothing: its clients make no more messages, and send none again. */
  get haveGivenUp(): boolean {
    return this.#haveGivenUp;
  }

  get isBusy(): boolean {
    return this.#unsent >= MOST_UNSENT;
  }

  /** @param sender whose message it is. @param body of an event */
  send(sender: Sender, agent: AgentId, body: string): void {
    const { choices, scheduler, faults } = this.#world;
    if (this.#unsent++ === 0) this.#expectProgress();
    const message: Unsent = { sender, agent, body };
    const isAborted = faults.happens('send-aborted');
    if (isAborted || choices.chance(0.7)) return void this.#give(message, isAborted);
    const key = `${sender.senderId} ${agent}`;
    const gathered = this.#gathered.get(key);
    if (gathered !== undefined) return void gathered.push(message);
    const many = [message];
    this.#gathered.set(key, many);
    scheduler.after(choices.integer(0, 200), () => {
      this.#gathered.delete(key);
      void this.#giveMany(many);
    });
  }

  /** There are no more messages: those that are not sent are waited for. */
  end(): void {
    this.#isEnding = true;
    this.#closeIfDone();
  }

  async #give(message: Unsent, isAborted: boolean): Promise<void> {
    const { scheduler, choices, note } = this.#world;
    const { agent, body, sender } = message;
    const { number, producer, signal: shared, waiting } = this.#producerOf(sender);
    const give = this.#gives++;
    const own = isAborted ? new AbortController() : undefined;
    const isShared = own === undefined && choices.chance(0.5);
    const signal = own?.signal ?? (isShared ? shared.signal : undefined);
    note({ what: 'given', give, producer: number, queue: `${agent} inbox`, body });
    const abortsAfterMs = choices.chance(0.5) ? choices.integer(0, 60) : choices.integer(0, 20_000);
    const cancel =
      own &&
      scheduler.after(abortsAfterMs, () => {
        note({ what: 'aborted', give });
        own.abort(named('Aborted'));
      });
    if (isShared) waiting.add(give);
    try {
      const { messageId } = await producer.send(agent, JSON.parse(body), { signal });
      note({ what: 'resulted', give, messageId });
      this.#done();
    } catch (error) {
      note({ what: 'resulted', give, error: nameOf(error) });
      if (signal?.aborted) this.#done();
      else this.#giveAgain(message, retryAfterOf(error));
    } finally {
      cancel?.();
      waiting.delete(give);
    }
  }

  async #giveMany(messages: readonly Unsent[]): Promise<void> {
    const { note } = this.#world;
    const sample = messages[0];
    if (sample === undefined) return;
    const { agent } = sample;
    const { number, producer, signal: counted, waiting } = this.#producerOf(sample.sender);
    const { signal } = counted;
    const left = new Map<object, { readonly message: Unsent; readonly give: number }>();
    const again: Unsent[] = [];
    const events = messages.map((message): object => JSON.parse(message.body));
    const take = () => {
      const next = events.shift();
      const message = messages[messages.length - events.length - 1];
      if (next === undefined || message === undefined) return undefined;
      const give = this.#gives++;
      note({ what: 'given', give, producer: number, queue: `${agent} inbox`, body: message.body });
      left.set(next, { message, give });
      waiting.add(give);
      return next;
    };
    const source = function* () {
      for (let next = take(); next !== undefined; next = take()) yield next;
    };
    try {
      for await (const result of producer.sendMany(agent, source(), { signal })) {
        const given = left.get(result.item);
        if (given === undefined) note({ what: 'misused', invocation: -1, reason: `producer ${number}: a second result of an item` });
        if (given === undefined) continue;
        left.delete(result.item);
        const { give, message } = given;
        waiting.delete(give);
        if (result.status === 'sent') {
          note({ what: 'resulted', give, messageId: result.messageId });
          this.#done();
          continue;
        }
        note({ what: 'resulted', give, error: result.status === 'failed' ? nameOf(result.error) : 'Unsent' });
        again.push(message);
      }
    } catch (error) {
      // What all of its items have in common; those that it did not take are still the client's.
      if (!isExpected(error)) note({ what: 'misused', invocation: -1, reason: `producer ${number}: sendMany threw ${error}` });
      again.push(...messages.slice(messages.length - events.length));
    }
    for (const message of again) {
      if (signal.aborted) this.#done();
      else this.#giveAgain(message, 0);
    }
  }

  /** Under the same id. */
  #giveAgain(message: Unsent, retryAfterMs: number): void {
    const { scheduler, choices } = this.#world;
    if (this.#haveGivenUp) return;
    scheduler.after(Math.max(retryAfterMs, choices.integer(1_000, 20_000)), () => void this.#give(message, false));
  }

  #done(): void {
    this.#unsent--;
    this.#expectProgress();
    this.#closeIfDone();
  }

  #expectProgress(): void {
    this.#cancelGivingUp();
    if (this.#unsent === 0) return;
    this.#cancelGivingUp = this.#world.scheduler.after(PATIENCE_MS, () => {
      this.#haveGivenUp = true;
      this.#globals.end();
      this.#probe.end();
    });
  }

  #closeIfDone(): void {
    if (!this.#isEnding || this.#unsent > 0) return;
    for (const [sender, opened] of this.#opened) {
      this.#opened.delete(sender);
      void this.#close(opened);
    }
    this.#finishIfClosed();
  }

  #finishIfClosed(): void {
    if (!this.#isEnding || this.#unsent > 0 || this.#closing > 0 || this.#opened.size > 0) return;
    this.#probe.end();
    const listeners = this.#signals.reduce((sum, signal) => sum + signal.listeners, 0);
    this.#world.note({ what: 'left over', timers: this.#globals.waitedFor, listeners });
  }

  #producerOf(sender: Sender): Opened {
    const known = this.#opened.get(sender.senderId);
    if (known !== undefined) return known;
    const { choices, note } = this.#world;
    const number = this.#producers++;
    const endpoint = `http://127.0.0.1:${number}`;
    const onTrouble = () => this.#endInTrouble(sender, number);
    SIMULATED_ENDPOINTS.set(
      endpoint,
      new ProducerEndpoint(this.#world, this.#services, { probe: this.#probe, producer: number, sender, onTrouble }),
    );
    const governor = choices.chance(0.8) ? 'on' : choices.chance(0.5) ? 'off' : choices.integer(1, 200) / 10;
    const hasTokens = this.#services.issuer !== undefined;
    const [prefix = '', stage = ''] = MESH_PREFIX.split('-');
    const producer = this.#create({
      ...{ prefix, stage, endpoint, governor, authentication: hasTokens ? 'jwt' : 'iam' },
      mode: choices.chance(0.7) ? 'wait' : 'reject',
      maxInFlight: choices.integer(1, 40),
      maxWaiting: choices.integer(0, 40),
      lingerMs: choices.integer(0, 50),
      concurrency: choices.integer(1, 8),
      onLoadError: () => undefined,
    });
    SIMULATED_ENDPOINTS.delete(endpoint);
    const signal = new CountedSignal();
    this.#signals.push(signal);
    const opened: Opened = { number, producer, signal, waiting: new Set() };
    this.#opened.set(sender.senderId, opened);
    note({ what: 'opened', producer: number, governor: governor === 'off' ? undefined : governor, hasTokens });
    this.#meddle(sender, opened);
    return opened;
  }

  /** A producer is flushed, and closed, at any time. */
  #meddle(sender: Sender, opened: Opened): void {
    const { scheduler, timing, faults } = this.#world;
    const isOpen = () => this.#opened.get(sender.senderId) === opened;
    const later = () =>
      scheduler.after(timing.integer(500, 90_000), () => {
        if (!isOpen() || this.#haveGivenUp) return;
        if (faults.happens('producer-flushes')) void this.#flush(opened);
        if (faults.happens('producer-closes')) {
          this.#opened.delete(sender.senderId);
          // As a process that is told to end.
          if (timing.chance(0.5)) this.#abort(opened);
          return void this.#close(opened);
        }
        later();
      });
    later();
  }

  /** A process that is told to end while SQS is in trouble. */
  #endInTrouble(sender: Sender, number: number): void {
    const { scheduler, timing, faults } = this.#world;
    if (!faults.happens('producer-closes')) return;
    scheduler.after(timing.integer(0, 300), () => {
      const opened = this.#opened.get(sender.senderId);
      if (opened?.number !== number) return;
      this.#opened.delete(sender.senderId);
      this.#abort(opened);
      void this.#close(opened);
    });
  }

  #abort({ waiting, signal }: Opened): void {
    for (const give of waiting) this.#world.note({ what: 'aborted', give });
    signal.abort(named('Aborted'));
  }

  async #flush({ number, producer }: Opened): Promise<void> {
    const { note } = this.#world;
    note({ what: 'flushing', producer: number });
    await producer.flush();
    note({ what: 'flushed', producer: number });
  }

  async #close({ number, producer }: Opened): Promise<void> {
    const { note } = this.#world;
    this.#closing++;
    note({ what: 'closing', producer: number });
    await producer.close();
    note({ what: 'closed', producer: number });
    this.#closing--;
    this.#finishIfClosed();
  }
}

const named = (name: string): Error => Object.assign(new Error(name), { name });

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

const retryAfterOf = (error: unknown): number =>
  error instanceof Error && 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0;

const isExpected = (error: unknown): boolean =>
  ['SimulatedFault', 'LoadUnreadableError', 'ProducerClosedError', 'Aborted'].includes(nameOf(error));
