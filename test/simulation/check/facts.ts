import type { Entry, History, Sent, WrittenRecord } from '../history.ts';
import { type Identified, type Identity, identify } from './identify.ts';
import { claimedKeyOf, idOfRefusedKey, isRefusedKey, keyOf, messageIdOf } from './keys.ts';
import { readBody } from './read-body.ts';

export interface SentCopy extends Sent, Identified {
  readonly at: number;
  readonly order: number;
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
  readonly process: number;
  readonly received: number[];
  readonly disturbances: string[];
  /** Whether any of them may have changed what became of a message that was handled: an outage of the registry, or of tokens, may not. */
  isUpset: boolean;
  overOrder: number;
  isTimedOut: boolean;
}

export type Of<What extends Entry['what']> = Extract<Entry, { what: What }> & { readonly order: number };

/** A history, sorted by what the checks ask for. `order` is the place in the history. */
export class Facts {
  readonly history: History;
  readonly copies = new Map<number, SentCopy>();
  /** In inboxes, by SQS's message id. */
  readonly byMessageId = new Map<string, SentCopy>();
  readonly inboxes: SentCopy[] = [];
  readonly failed: SentCopy[] = [];
  /** What agents sent to inboxes and as replies; what has no good token reaches nobody. */
  readonly byAgents: SentCopy[] = [];
  readonly commits = new Map<string, Committed[]>();
  readonly attempts: Of<'written'>[] = [];
  readonly invocations = new Map<number, InvocationFacts>();
  readonly received: Of<'received'>[] = [];
  readonly read: Of<'read'>[] = [];
  readonly permitted: Of<'permitted'>[] = [];
  readonly started: Of<'started'>[] = [];
  readonly ended: Of<'ended'>[] = [];
  readonly written: Of<'written'>[] = [];
  readonly delayed: Of<'delayed'>[] = [];
  readonly deleted: Of<'deleted'>[] = [];
  readonly moved: Of<'moved'>[] = [];
  readonly misused: Of<'misused'>[] = [];
  readonly counted: Of<'counted'>[] = [];
  readonly asked: Of<'asked'>[] = [];
  readonly answered: Of<'answered'>[] = [];
  readonly looked: Of<'looked'>[] = [];
  readonly learnt: Of<'learnt'>[] = [];
  readonly charged = new Set<string>();
  readonly #stored = new Map<string, Uint8Array>();
  readonly #bodies = new Map<string, string[]>();
  readonly #receivers = new Map<string, InvocationFacts[]>();
  /** How many are on record, by key and generation. */
  readonly #recordedAttempts = new Map<string, number>();
  readonly #variants = new Map<string, Set<string>>();
  readonly #outcomes = new Map<string, Committed[]>();
  readonly #deployed = new Set<string>();
  readonly #withoutKeys = new Set<number>();

  /** SQS message ids of the records with an outcome: those under the keys of refused messages, and all others. */
  readonly #refusedIds = new Set<string>();
  readonly #endedIds = new Set<string>();

  constructor(history: History) {
    this.history = history;
    for (const entry of history.entries) if (entry.what === 'written') this.#takeOutcome(entry);
    for (const [order, entry] of history.entries.entries()) this.#take(entry, order);
  }

  #take(entry: Entry, order: number): void {
    switch (entry.what) {
      case 'sent':
        this.#takeSent({ ...entry, order, ...identify(entry, this.history, this.#wasRefused) });
        break;
      case 'written':
        this.written.push({ ...entry, order });
        this.#takeWritten({ ...entry, order });
        break;
      case 'stored':
        this.#stored.set(entry.key, entry.bytes);
        break;
      case 'read':
        this.read.push({ ...entry, order });
        break;
      case 'permitted':
        this.permitted.push({ ...entry, order });
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
      case 'counted':
        this.counted.push({ ...entry, order });
        break;
      case 'misused':
        this.misused.push({ ...entry, order });
        break;
      case 'asked':
        this.asked.push({ ...entry, order });
        break;
      case 'answered':
        this.answered.push({ ...entry, order });
        break;
      case 'looked':
        this.looked.push({ ...entry, order });
        break;
      case 'learnt':
        this.learnt.push({ ...entry, order });
        break;
    }
  }

  #takeInvocation(entry: Extract<Entry, { what: 'invoked' | 'received' | 'disturbed' | 'over' }>, order: number): void {
    if (entry.what === 'invoked') {
      if (entry.version > 1) this.#deployed.add(entry.agent);
      const { agent, process } = entry;
      this.invocations.set(entry.invocation, {
        agent,
        process,
        received: [],
        disturbances: [],
        isUpset: false,
        overOrder: Number.POSITIVE_INFINITY,
        isTimedOut: false,
      });
    }
    const invocation = this.invocations.get(entry.invocation);
    if (invocation === undefined) return;
    if (entry.what === 'received') {
      invocation.received.push(entry.copy);
      this.received.push({ ...entry, order });
      if (entry.isDuplicate) disturb(invocation, 'duplicate');
    }
    if (entry.what === 'disturbed') {
      disturb(invocation, entry.by);
      if (entry.by.startsWith('keys-')) this.#withoutKeys.add(invocation.process);
    }
    if (entry.what === 'over') {
      invocation.overOrder = order;
      invocation.isTimedOut = entry.how === 'timed out';
    }
  }

  /** Whether the process once asked for keys in vain: it does not ask again at once, whatever invocation comes next. */
  lackedKeys({ process }: InvocationFacts): boolean {
    return this.#withoutKeys.has(process);
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

  /** Unless it has an outcome as the message that it claims to be, too: then that one counts here. */
  readonly #wasRefused = (messageId: string): boolean => this.#refusedIds.has(messageId) && !this.#endedIds.has(messageId);

  #takeOutcome({ key, record }: Extract<Entry, { what: 'written' }>): void {
    if (record.outcome === undefined) return;
    const messageId = messageIdOf(record);
    if (isRefusedKey(key)) this.#refusedIds.add(idOfRefusedKey(key));
    else if (messageId !== undefined) this.#endedIds.add(messageId);
  }

  #takeSent(copy: SentCopy): void {
    this.copies.set(copy.copy, copy);
    if (copy.queue.endsWith(' inbox')) {
      this.inboxes.push(copy);
      this.byMessageId.set(copy.messageId, copy);
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
    const base = claimedKeyOf(key);
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

/**
 * Until the registry and the issuer of the token answer, nothing is begun; until there is a token, nothing is sent; until an agent is found,
 * no attempt has failed. Metrics decide nothing.
 */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'registry-fails',
  'registry-outage',
  'registry-stale',
  'keys-fail',
  'keys-outage',
  'tokens-fail',
  'tokens-outage',
  'offers-fails',
  'offers-outage',
  'offers-stale',
  'unfound',
  'metrics-refused',
  'metrics-fails-before',
  'metrics-fails-after',
  'metrics-slow',
]);

function disturb(invocation: InvocationFacts, by: string): void {
  invocation.disturbances.push(by);
  invocation.isUpset ||= !WITHOUT_EFFECT.has(by);
}

function push<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
