import { setTimeout } from 'node:timers/promises';
import type { QueueDepth } from '../queues/queue-depth.ts';

/** Options of {@link MeshClient.drain}. */
export interface DrainOptions {
  /**
   * The inbox has to be empty for so long: a sender that was idle uses weights of up to five minutes, and SQS's counts are late by up to
   * one. @default 360; 15 on this machine, where counts are exact
   */
  readonly settleSeconds?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** An agent that is being drained. */
export interface Draining {
  readonly agent: string;
  /** Its capabilities, in which it has the weight 0 now. */
  readonly capabilities: readonly string[];
  /** The agents that name it in `sendsTo`: these go on sending to it. */
  readonly namedBy: readonly string[];
  /** Its inbox now. */
  readonly inbox: QueueDepth;
  /** For how long it has been empty. */
  readonly emptySeconds: number;
}

/** An agent that gets no new journeys. */
export type Withdrawn = Pick<Draining, 'capabilities' | 'namedBy'>;

const POLL_MS = 1_000;

/** Looks at an inbox again and again, until it has been empty for long enough. @throws the signal's reason */
export async function* drainInbox(
  agent: string,
  withdrawn: Withdrawn,
  depth: () => Promise<QueueDepth>,
  { settleSeconds, signal }: { readonly settleSeconds: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Draining, void, undefined> {
  for (let emptySince: number | undefined; ; await setTimeout(POLL_MS, undefined, { signal })) {
    signal?.throwIfAborted();
    const inbox = await depth();
    const isEmpty = inbox.visible + inbox.inFlight + inbox.delayed === 0;
    emptySince = isEmpty ? (emptySince ?? performance.now()) : undefined;
    const emptySeconds = emptySince === undefined ? 0 : (performance.now() - emptySince) / 1_000;
    yield { agent, ...withdrawn, inbox, emptySeconds };
    if (isEmpty && emptySeconds >= settleSeconds) return;
  }
}
