import type { Entry, History, Sent, WrittenRecord } from '../history.ts';
import { digestOfBody, type ReadBody, readBody } from './read-body.ts';

/** One message at one agent in one generation, with its data: what must reach exactly one outcome. */
export interface Identity {
  /** `<agent> <source> <id>` */
  readonly base: string;
  readonly agent: string;
  readonly generation: number;
  readonly digest: string;
  /** All of it. */
  readonly key: string;
}

export interface SentCopy extends Sent {
  readonly at: number;
  readonly order: number;
  readonly identity: Identity;
  readonly read: ReadBody | undefined;
}

export interface Committed {
  readonly order: number;
  readonly at: number;
  readonly identityKey: string;
  readonly base: string;
  readonly invocation: number;
  readonly outcome: string;
  readonly record: WrittenRecord;
  /** What it sends, claim check resolved. */
  readonly outbox: readonly { readonly queue: string; readonly body: string }[];
}

export interface InvocationFacts {
  readonly agent: string;
  readonly received: number[];
  readonly disturbances: string[];
  overOrder: number;
  isTimedOut: boolean;
}

type Of<What extends Entry['what']> = Extract<Entry, { what: What }> & { readonly order: number };

/** A history, sorted by what the checks ask for. `order` is the place in the history. */
export class Facts {
  readonly history: History;
  readonly copies = new Map<number, SentCopy>();
  readonly inboxes: SentCopy[] = [];
  readonly failed: SentCopy[] = [];
  readonly byAgents: SentCopy[] = [];
  readonly commits = new Map<string, Committed[]>();
  readonly attempts: Of<'written'>[] = [];
  readonly invocations = new Map<number, InvocationFacts>();
  readonly started: Of<'started'>[] = [];
  readonly ended: Of<'ended'>[] = [];
  readonly written: Of<'written'>[] = [];
  readonly delayed: Of<'delayed'>[] = [];
  readonly deleted: Of<'deleted'>[] = [];
  readonly moved: Of<'moved'>[] = [];
  readonly misused: Of<'misused'>[] = [];
  readonly charged = new Set<string>();
  readonly #stored = new Map<string, Uint8Array>();
  readonly #bodies = new Map<string, string[]>();
  readonly #receivers = new Map<string, InvocationFacts[]>();
  /** How many are on record, by key and generation. */
  readonly #recordedAttempts = new Map<string, number>();
  readonly #variants = new Map<string, Set<string>>();
  readonly #outcomes = new Map<string, Committed[]>();
  readonly #deployed = new Set<string>();

  constructor(history: History) {
    this.history = history;
    for (const [order, entry] of history.entries.entries()) this.#take(entry, order);
  }

  #take(entry: Entry, order: number): void {
    switch (entry.what) {
      case 'sent':
        this.#takeSent({ ...entry, order, ...identify(entry) });
        break;
      case 'written':
        this.written.push({ ...entry, order });
        this.#takeWritten({ ...entry, order });
        break;
      case 'stored':
        this.#stored.set(entry.key, entry.bytes);
        break;
      case 'charged':
        this.charged.add(entry.key);
        break;
      case 'invoked':
      case 'received':
      case 'disturbed':
      case 'over':
        this.#takeInvocation(entry, order);
        break;
      case 'started':
        this.started.push({ ...entry, order });
        break;
      case 'ended':
        this.ended.push({ ...entry, order });
        break;
      case 'delayed':
        this.delayed.push({ ...entry, order });
        break;
      case 'deleted':
        this.deleted.push({ ...entry, order });
        break;
      case 'moved':
        this.moved.push({ ...entry, order });
        break;
      case 'misused':
        this.misused.push({ ...entry, order });
        break;
    }
  }

  #takeInvocation(entry: Extract<Entry, { what: 'invoked' | 'received' | 'disturbed' | 'over' }>, order: number): void {
    if (entry.what === 'invoked') {
      if (entry.version > 1) this.#deployed.add(entry.agent);
      const { agent } = entry;
      this.invocations.set(entry.invocation, {
        agent,
        received: [],
        disturbances: [],
        overOrder: Number.POSITIVE_INFINITY,
        isTimedOut: false,
      });
    }
    const invocation = this.invocations.get(entry.invocation);
    if (invocation === undefined) return;
    if (entry.what === 'received') {
      invocation.received.push(entry.copy);
      if (entry.isDuplicate) invocation.disturbances.push('duplicate');
    }
    if (entry.what === 'disturbed') invocation.disturbances.push(entry.by);
    if (entry.what === 'over') {
      invocation.overOrder = order;
      invocation.isTimedOut = entry.how === 'timed out';
    }
  }

  /** Whether a second version of the agent ran. */
  isDeployed(agent: string): boolean {
    return this.#deployed.has(agent);
  }

  /**
   * Whether the message needs no outcome of its own in this generation: it was processed in an older one, or has an outcome in a
   * newer one.
   */
  isSuperseded({ base, digest, generation }: Identity): boolean {
    if (this.#outcomes.size === 0)
      for (const [commit] of this.commits.values()) if (commit) push(this.#outcomes, `${commit.base} ${commit.record.digest}`, commit);
    const others = (this.#outcomes.get(`${base} ${digest}`) ?? []).filter(({ record }) => record.generation !== generation);
    return others.some(({ outcome, record }) => outcome === 'processed' || record.generation > generation);
  }

  isEnvelope(body: string): boolean {
    return readBody(body) !== undefined;
  }

  /** All bodies of a message: a repeated send may differ outside of its data. */
  bodiesOf(identityKey: string): readonly string[] {
    return this.#bodies.get(identityKey) ?? [];
  }

  /** Invocations that received the message in this generation. */
  invocationsOf(identityKey: string): readonly InvocationFacts[] {
    if (this.#receivers.size === 0) {
      for (const invocation of this.invocations.values())
        for (const copy of invocation.received) push(this.#receivers, this.copies.get(copy)?.identity.key ?? '', invocation);
    }
    return this.#receivers.get(identityKey) ?? [];
  }

  /** Different data and generations sent under one id. */
  variantsOf(base: string): number {
    if (this.#variants.size === 0)
      for (const { identity } of this.inboxes) {
        const variants = this.#variants.get(identity.base) ?? new Set();
        this.#variants.set(identity.base, variants.add(identity.key));
      }
    return this.#variants.get(base)?.size ?? 0;
  }

  #takeSent(copy: SentCopy): void {
    this.copies.set(copy.copy, copy);
    if (copy.queue.endsWith(' inbox')) {
      this.inboxes.push(copy);
      push(this.#bodies, copy.identity.key, copy.body);
    } else if (copy.queue !== 'replies' && 'posthorn-outcome' in copy.attributes) this.failed.push(copy);
    if (copy.by === 'agent' && (copy.queue === 'replies' || copy.queue.endsWith(' inbox'))) this.byAgents.push(copy);
  }

  #takeWritten({ key, record, order, at, invocation }: Of<'written'>): void {
    if (key.startsWith('alert:')) return;
    if (record.outcome === undefined) {
      const generation = `${key} #${record.generation}`;
      // A claim that is given back leaves the attempts as they were.
      if (record.claim === undefined && record.attempts.length > (this.#recordedAttempts.get(generation) ?? 0))
        this.attempts.push({ what: 'written', key, record, order, at, invocation });
      this.#recordedAttempts.set(generation, record.attempts.length);
      return;
    }
    // A conflict has its outcome beside the message whose id it took.
    const base = key.startsWith('conflict:') ? key.slice(key.indexOf(' ') + 1) : key;
    const identityKey = keyOf(base, record.digest, record.generation);
    const outbox = record.outcome === 'processed' ? this.#outboxOf(record) : [];
    const commit: Committed = { order, at, identityKey, base, invocation, outcome: record.outcome, record, outbox };
    push(this.commits, identityKey, commit);
  }

  #outboxOf({ outbox, outboxRef }: WrittenRecord): Committed['outbox'] {
    const stored = outboxRef && this.#stored.get(outboxRef.uri.split('/').slice(3).join('/'));
    const messages: WrittenRecord['outbox'] = stored ? JSON.parse(new TextDecoder().decode(stored)) : outbox;
    return (messages ?? []).map(({ to, body }) => ({ queue: to === undefined ? 'replies' : `${to} inbox`, body }));
  }
}

function identify({ queue, body, messageId }: Sent): Pick<SentCopy, 'identity' | 'read'> {
  const [agent = ''] = queue.split(' ');
  const read = readBody(body);
  const base = read ? `${agent} ${read.source} ${read.id}` : `unopened:${agent} ${messageId}`;
  const digest = read?.digest ?? digestOfBody(body);
  const generation = read?.generation ?? 0;
  return { read, identity: { base, agent, generation, digest, key: keyOf(base, digest, generation) } };
}

function push<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

const keyOf = (base: string, digest: string, generation: number): string => `${base} #${generation} ${digest}`;
