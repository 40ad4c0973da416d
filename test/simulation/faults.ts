import { Random } from './random.ts';
import type { CampaignWorld } from './world.ts';

/** Chances at intensity 1: of a request, where nothing else is said. */
const RATES = {
  'ledger-refuses': 0.004,
  'ledger-fails-before': 0.004,
  'ledger-fails-after': 0.006,
  'ledger-retried': 0.01,
  'ledger-slow': 0.003,
  'ledger-item-fails': 0.006,
  'ledger-item-lost': 0.006,
  /** A read of what was before: DynamoDB's consistent reads rule it out, so only where it is asked for. */
  'ledger-stale-read': 0.02,
  'queue-fails-before': 0.006,
  'queue-fails-after': 0.008,
  'queue-item-fails': 0.006,
  'queue-slow': 0.003,
  'content-fails-before': 0.02,
  'content-fails-after': 0.02,
  'content-slow': 0.005,
  'content-missing': 0.1,
  'content-overwritten': 0.1,
  'registry-fails': 0.1,
  'registry-slow': 0.05,
  'registry-stale': 0.3,
  /** Of an agent. */
  'registry-empty-at-start': 0.1,
  /** Of a seed, up to three times. */
  'registry-outage': 0.3,
  'alerts-fail': 0.2,
  'charge-fails': 0.03,
  'charge-lost': 0.03,
  'crash-before-request': 0.0015,
  'crash-after-effect': 0.0015,
  /** At any time of an invocation. */
  kill: 0.008,
  freeze: 0.008,
  /** Of an invocation that timed out: its process goes on as if nothing was. */
  zombie: 0.5,
  'not-invoked': 0.006,
  /** Of a process. */
  'clock-skew': 0.3,
  /** Of a receive. */
  'duplicate-delivery': 0.02,
  'delivered-after-delete': 0.004,
  'visibility-ends-early': 0.003,
  'delete-lost': 0.01,
  'delete-late': 0.02,
  /** Of a message. */
  'sent-twice': 0.03,
  'sent-with-other-data': 0.03,
  'invalid-envelope': 0.008,
  'poison-kills': 0.004,
  'poison-loops': 0.002,
  'poison-hangs': 0.008,
  'poison-throws': 0.03,
  flaky: 0.04,
  expires: 0.01,
  'forged-by-stranger': 0.04,
  'forged-source': 0.03,
  'forged-redrive': 0.03,
  /** Of a seed. */
  'permission-changes': 0.5,
  /** Of an agent. */
  deploy: 0.5,
  /** Of a copy in an error or dead-letter queue. */
  redrive: 0.5,
  'redriven-twice': 0.4,
  'redriven-further': 0.5,
  'redriven-with-other-data': 0.3,
  'keys-fail': 0.2,
  'keys-slow': 0.2,
  'tokens-fail': 0.03,
  'tokens-slow': 0.02,
  /** Of a seed with tokens, up to three times. */
  'keys-outage': 0.3,
  'tokens-outage': 0.3,
  /** Of a seed with tokens, up to five times. */
  'keys-rotate': 0.5,
  /** Of a message in a seed with tokens. */
  'forged-token': 0.08,
  'metrics-refused': 0.05,
  'metrics-fails-before': 0.02,
  'metrics-fails-after': 0.02,
  'metrics-slow': 0.05,
  /** Of a seed. */
  'metrics-gone': 0.3,
  /** Of a call. */
  'tracing-throws': 0.01,
  /** Of an export. */
  'tracing-fails': 0.02,
  'tracing-slow': 0.02,
  'tracing-never': 0.02,
  'offers-fails': 0.1,
  'offers-slow': 0.05,
  'offers-stale': 0.3,
  /** Of a seed with discovery, up to three times. */
  'offers-outage': 0.3,
  /** Of a capability. */
  'offers-late': 0.3,
  /** Of a capability, many times then. */
  'offers-shift': 0.5,
  'offers-judged': 0.5,
  'offers-removed': 0.5,
  'offers-odd': 0.5,
  /** Of a producer's request. */
  'send-fails-before': 0.05,
  'send-fails-after': 0.05,
  'send-slow': 0.05,
  /** Of an entry of a request: by SQS's fault, or by the sender's. */
  'send-item-fails': 0.05,
  'send-item-refused': 0.02,
  /** Of a producer's look for an inbox. */
  'inbox-not-found': 0.1,
  'load-fails': 0.1,
  'load-slow': 0.05,
  'load-stale': 0.15,
  'load-missing': 0.05,
  'load-odd': 0.1,
  /** Of a run of the probe. */
  'probe-missed': 0.2,
  /** Of a seed with backpressure, up to three times. */
  'probe-outage': 0.4,
  /** Of what the probe reads or writes of an agent. */
  'probe-fails': 0.03,
  /** Of an agent, up to three times. */
  'consumer-stops': 0.3,
  /** Of a message. */
  'send-aborted': 0.1,
  /** Of a producer, again and again. */
  'producer-closes': 0.3,
  'producer-flushes': 0.5,
} as const;

export type FaultKind = keyof typeof RATES;

// Object.keys cannot know that an object literal has no other keys.
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(RATES).filter((name): name is FaultKind => Object.hasOwn(RATES, name));

/** What AWS promises not to happen: left out unless it is asked for. */
export const RULED_OUT: readonly FaultKind[] = ['ledger-stale-read'];

/** What an older runtime does not notice: it asks nobody who sent a message. */
export const OF_SENDERS: readonly FaultKind[] = ['forged-by-stranger', 'forged-source', 'forged-redrive', 'permission-changes'];

/** Of what only seeds with tokens have. */
export const OF_TOKENS: readonly FaultKind[] = [
  'keys-fail',
  'keys-slow',
  'tokens-fail',
  'tokens-slow',
  'keys-outage',
  'tokens-outage',
  'keys-rotate',
  'forged-token',
];

/** Of what only seeds with discovery have: agents that send to capabilities. */
export const OF_DISCOVERY: readonly FaultKind[] = [
  'offers-fails',
  'offers-slow',
  'offers-stale',
  'offers-outage',
  'offers-late',
  'offers-shift',
  'offers-judged',
  'offers-removed',
  'offers-odd',
];

/** Of what only seeds with backpressure have: clients that send by the real producer, and a probe that it is governed by. */
export const OF_BACKPRESSURE: readonly FaultKind[] = [
  'send-fails-before',
  'send-fails-after',
  'send-slow',
  'send-item-fails',
  'send-item-refused',
  'inbox-not-found',
  'load-fails',
  'load-slow',
  'load-stale',
  'load-missing',
  'load-odd',
  'probe-missed',
  'probe-outage',
  'probe-fails',
  'consumer-stops',
  'send-aborted',
  'producer-closes',
  'producer-flushes',
];

/** What does not happen beside an older runtime, which neither asks who sent a message nor has tokens. */
export const NOT_SIDE_BY_SIDE: readonly FaultKind[] = [...OF_SENDERS, ...OF_TOKENS];

/** What a campaign leaves out by itself. */
export const leftOutOf = ({ isSideBySide = false, hasDiscovery = false, hasBackpressure = false }: CampaignWorld): readonly FaultKind[] => [
  ...RULED_OUT,
  ...(isSideBySide ? NOT_SIDE_BY_SIDE : []),
  ...(hasDiscovery ? [] : OF_DISCOVERY),
  ...(hasBackpressure ? [] : OF_BACKPRESSURE),
];

/** Of the registry, which only a runtime asks that knows its senders. */
export const OF_REGISTRY: readonly FaultKind[] = [
  'registry-fails',
  'registry-slow',
  'registry-stale',
  'registry-empty-at-start',
  'registry-outage',
];

/** What comes of the messages rather than of the infrastructure under them. */
const OF_MESSAGES: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'poison-kills',
  'poison-loops',
  'poison-hangs',
  'poison-throws',
  'flaky',
  'expires',
  'invalid-envelope',
  'sent-twice',
  'sent-with-other-data',
  ...OF_SENDERS,
  'forged-token',
  'redrive',
  'redriven-twice',
  'redriven-further',
  'redriven-with-other-data',
  'deploy',
  'offers-late',
  'offers-shift',
  'offers-judged',
  'offers-removed',
  'offers-odd',
  'send-aborted',
  'producer-closes',
  'producer-flushes',
]);

/** Decides the time and kind of each fault, and counts them. Each seed has its own kinds, so that each also occurs without the others. */
export class Faults {
  readonly counts: Partial<Record<FaultKind, number>> = {};
  readonly #rates: Readonly<Record<string, number>>;
  readonly #streams: Readonly<Record<string, Random>>;
  #areOn = true;

  constructor(seed: number, without: ReadonlySet<FaultKind>) {
    const random = new Random(seed, 'faults');
    const character = random.weighted({ everything: 5, messagesOnly: 2, infrastructureOnly: 1 });
    const intensity = [0.5, 1, 2][random.integer(0, 2)] ?? 1;
    const rates: Record<string, number> = {};
    const streams: Record<string, Random> = {};
    for (const kind of FAULT_KINDS) {
      const isChosen = random.chance(0.75);
      const fits = character === 'everything' || OF_MESSAGES.has(kind) === (character === 'messagesOnly');
      rates[kind] = isChosen && fits && !without.has(kind) ? Math.min(0.5, RATES[kind] * intensity) : 0;
      streams[kind] = new Random(seed, kind);
    }
    this.#rates = rates;
    this.#streams = streams;
  }

  /** Whether this fault happens now. */
  happens(kind: FaultKind): boolean {
    if (!this.#streams[kind]?.chance(this.#rates[kind] ?? 0) || !this.#areOn) return false;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    return true;
  }

  isPossible(kind: FaultKind): boolean {
    return (this.#rates[kind] ?? 0) > 0;
  }

  end(): void {
    this.#areOn = false;
  }
}
