import type { LoadReading } from '../../events/load-reading.ts';

/** What happened, as an all-seeing observer of queues, table, bucket and processes would note it. The checker sees nothing else. */
export type Entry = { readonly at: number } & (
  | Sent
  | {
      readonly what: 'received';
      readonly copy: number;
      readonly receives: number;
      readonly invocation: number;
      /** Delivered although another delivery was under way or the copy had been deleted: SQS may. */
      readonly isDuplicate: boolean;
    }
  | { readonly what: 'invoked'; readonly invocation: number; readonly agent: string; readonly process: number; readonly version: number }
  | {
      readonly what: 'started';
      readonly invocation: number;
      readonly agent: string;
      readonly source: string;
      readonly id: string;
      readonly generation: number;
      readonly attempt: number;
      /** Counts every run of a handler; what it sends has it as its type. */
      readonly handling: number;
      /** The principal that sent the message, as the handler is told. */
      readonly sender: string;
      /** The data is not what was sent. */
      readonly isTampered: boolean;
    }
  | {
      readonly what: 'ended';
      readonly invocation: number;
      readonly agent: string;
      readonly source: string;
      readonly id: string;
      readonly handling: number;
      readonly how: 'returned' | 'permanent' | 'transient' | 'unknown' | 'interrupted';
    }
  /** A handler sends to a capability. */
  | {
      readonly what: 'asked';
      readonly invocation: number;
      /** The type of the message that it sends, which no other message has. */
      readonly ask: string;
      readonly wanted: WantedOffer;
      /** The message carries its data itself, so that nothing has to be stored. */
      readonly isInline: boolean;
      /** So much is the clock of the process ahead. */
      readonly skewMs: number;
    }
  /** What became of it; without an error, an agent was found. */
  | { readonly what: 'answered'; readonly invocation: number; readonly ask: string; readonly error?: string }
  /** A process asks for the offers of a capability. */
  | { readonly what: 'looked'; readonly invocation: number; readonly capability: string }
  /** Its answer has arrived; without offers, it failed. */
  | {
      readonly what: 'learnt';
      readonly invocation: number;
      readonly capability: string;
      /** When it was asked for. */
      readonly lookedAt: number;
      readonly offers?: readonly KnownOffer[];
    }
  | { readonly what: 'read'; readonly invocation: number; readonly keys: readonly string[] }
  | { readonly what: 'written'; readonly invocation: number; readonly key: string; readonly record: WrittenRecord }
  | { readonly what: 'stored'; readonly key: string; readonly bytes: Uint8Array }
  | { readonly what: 'delayed'; readonly copy: number; readonly invocation: number; readonly delaySeconds: number }
  | { readonly what: 'deleted'; readonly copy: number }
  /** By SQS itself, after the last receive. */
  | { readonly what: 'moved'; readonly copy: number; readonly receives: number }
  /** A fault hit something that this invocation did or waited for. */
  | { readonly what: 'disturbed'; readonly invocation: number; readonly by: string }
  | { readonly what: 'over'; readonly invocation: number; readonly how: 'answered' | 'threw' | 'crashed' | 'timed out' }
  | { readonly what: 'charged'; readonly key: string }
  /** The registry was changed: a principal may send from now on, or may not. */
  | { readonly what: 'permitted'; readonly principal: string; readonly isAllowed: boolean }
  /** Added to the totals of an agent's metrics record, by attribute. */
  | {
      readonly what: 'counted';
      readonly invocation: number;
      readonly agent: string;
      readonly increments: Readonly<Record<string, number>>;
    }
  /** A client has a producer from now on. */
  | {
      readonly what: 'opened';
      readonly producer: number;
      /** Messages each second to an agent; `undefined` where nothing holds it back. */
      readonly governor: 'on' | number | undefined;
      /** Its messages have tokens, for which they wait after their turn has come. */
      readonly hasTokens: boolean;
    }
  /** A client gives it a message. */
  | { readonly what: 'given'; readonly give: number; readonly producer: number; readonly queue: string; readonly body: string }
  /** What became of that: the id that SQS gave it, or the name of an error. */
  | { readonly what: 'resulted'; readonly give: number; readonly messageId?: string; readonly error?: string }
  /** The client's signal has ended the waiting of the message. */
  | { readonly what: 'aborted'; readonly give: number }
  /** A producer makes a request. */
  | { readonly what: 'requested'; readonly producer: number; readonly queue: string; readonly entries: readonly RequestedEntry[] }
  /** SQS did not accept one entry of a request. */
  | { readonly what: 'refused'; readonly producer: number; readonly body: string; readonly isFinal: boolean; readonly attempt: number }
  /** A producer has asked for the load of an agent. Without a reading, nothing is known of the agent, or the answer was an error. */
  | {
      readonly what: 'consulted';
      readonly producer: number;
      readonly agent: string;
      readonly reading?: LoadReading;
      readonly error?: string;
    }
  /** A client has asked a producer to send what it has, or to close, or the producer has done so. */
  | { readonly what: 'flushing' | 'flushed' | 'closing' | 'closed'; readonly producer: number }
  /** After all producers were closed: timers that keep a process alive, and listeners on the clients' signals. */
  | { readonly what: 'left over'; readonly timers: number; readonly listeners: number }
  /** The probe begins a run: the agents that offer each capability at that time. */
  | { readonly what: 'probing'; readonly offers: Readonly<Record<string, readonly KnownOffer[]>> }
  /** What the probe was told of an inbox. */
  | { readonly what: 'counted waiting'; readonly agent: string; readonly visible: number; readonly inFlight: number }
  /** What the probe publishes of an agent, or would if the write did not fail. */
  | { readonly what: 'published'; readonly agent: string; readonly load: LoadReading; readonly isLost: boolean }
  | { readonly what: 'misused'; readonly invocation: number; readonly reason: string }
);

export interface Sent {
  readonly what: 'sent';
  /** `<agent> inbox`, `<agent> errors`, `<agent> dlq` or `replies`. */
  readonly queue: string;
  readonly copy: number;
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly by: 'producer' | 'operator' | 'agent' | 'forger';
  /** The principal that SQS stamps on the message. */
  readonly senderId: string;
  /** The message group that it is sent to. */
  readonly group?: string;
}

/** An entry of a producer's request. */
export interface RequestedEntry {
  readonly body: string;
  readonly group?: string;
  /** From 1 on: an entry that SQS did not accept may be sent again. */
  readonly attempt: number;
}

/** An agent that offers a capability, as the table meant it at that time; an odd value means what the documents say of it. */
export interface KnownOffer {
  readonly agent: string;
  readonly version: string;
  readonly weight: number;
  readonly p95Ms?: number | undefined;
  readonly errorShare?: number | undefined;
  readonly ejectedUntil?: number | undefined;
}

/** Which agents of a capability will do. */
export interface WantedOffer {
  readonly capability: string;
  /** Of its version, which must not be a pre-release. */
  readonly leastMajor?: number;
  readonly onlyMajor?: number;
  readonly maxLatencyMs?: number;
  /** An agent without a latency will not do. */
  readonly mustBeMeasured?: boolean;
}

/** What the checker reads of the ledger's item, as the table holds it. */
export interface WrittenRecord {
  readonly generation: number;
  readonly digest: string;
  readonly sender: string;
  /** Begins with the id of the SQS message that it is of, and a full stop; not in records of versions without authentication. */
  readonly revision: string;
  readonly outcome?: string;
  readonly endedAt?: number;
  readonly attempts: readonly { readonly at: number; readonly kind: string; readonly code: string }[];
  readonly claim?: { readonly expiresAt: number };
  readonly error?: { readonly code: string; readonly kind: string };
  readonly outbox?: readonly { readonly to?: string; readonly body: string }[];
  readonly outboxRef?: { readonly uri: string };
}

/** What an agent promises of its retries; the checker's own copy of the settings. */
export interface AgentPolicy {
  readonly maxRetries: number;
  readonly baseDelaySeconds: number;
  readonly maxDelaySeconds: number;
  readonly isExclusive: boolean;
}

/** What a principal may do; the checker's own copy of the registry. */
export interface SenderPolicy {
  /** Its own source. */
  readonly source: string;
  readonly mayRedrive: boolean;
  /** Whether its permission comes and goes. */
  readonly isRevocable: boolean;
}

/** The agents to which an agent sends, as the probe is told; the checker's own copy of the registry. */
export interface CallPolicy {
  readonly agents: readonly string[];
  readonly capabilities: readonly string[];
}

/** Whose tokens are good, and for whom; the checker's own copy of the settings. */
export interface IssuerPolicy {
  readonly issuer: string;
  /** Of what the simulated signatures are made. */
  readonly secret: string;
  /** Of all keys that were ever published. */
  readonly keyIds: RegExp;
  readonly maxAgeSeconds: number;
  /** What the audience of an agent's tokens begins with. */
  readonly audiencePrefix: string;
  /** Clocks may differ by so much. */
  readonly toleranceMs: number;
  /** The subject of a principal's tokens. */
  readonly subjectOf: (principal: string) => string;
}

export interface History {
  readonly entries: readonly Entry[];
  readonly policies: Readonly<Record<string, AgentPolicy>>;
  /** By principal id: the part of a sender id before the colon. */
  readonly senders: Readonly<Record<string, SenderPolicy>>;
  /** Where senders need tokens. */
  readonly issuer: IssuerPolicy | undefined;
  /** Where clients send by the real producer. */
  readonly calls: Readonly<Record<string, CallPolicy>> | undefined;
  readonly maxReceives: number;
  /** Of an invocation. */
  readonly timeoutMs: number;
  /** Copies that lie in inboxes at the end. */
  readonly left: readonly number[];
  /** Whether clocks of processes differ: a claim cannot exclude then. */
  readonly isSkewed: boolean;
  /** Whether processes of a version without authentication ran, too. */
  readonly isSideBySide: boolean;
}
