import type { KnownOffer } from '../history.ts';
import { matching } from './eligible-agents.ts';
import type { Facts, Of } from './facts.ts';

/** A handler's message to a capability, from the moment at which it was asked for. */
export interface Ask extends Of<'asked'> {
  readonly process: number;
  /** `undefined` if the process died before. */
  readonly answered: Of<'answered'> | undefined;
  /** What the process had learnt last, if it is not too old to be used. */
  readonly known: Learnt | undefined;
}

export interface Look extends Of<'looked'> {
  readonly process: number;
  /** `undefined` if the process died before. */
  readonly learnt: Of<'learnt'> | undefined;
}

/** An answer with offers. */
export type Learnt = Of<'learnt'> & { readonly offers: readonly KnownOffer[] };

/** So long after a process has asked for them, it uses offers without an answer of the registry. */
const USABLE_MS = 300_000;

/** What each process knew of the offers, and what it asked for. A process asks for the offers of a capability once at a time. */
export class DiscoveryView {
  readonly asks: readonly Ask[];
  readonly #looks = new Map<string, Look[]>();
  readonly #asks = new Map<string, Ask[]>();

  constructor(facts: Facts) {
    const processOf = (invocation: number) => facts.invocations.get(invocation)?.process ?? -1;
    const answered = new Map(facts.answered.map((answer) => [answer.ask, answer]));
    const learnt = new Map<string, Of<'learnt'>[]>();
    for (const answer of facts.learnt) push(learnt, keyOf(processOf(answer.invocation), answer.capability), answer);
    const count = new Map<string, number>();
    for (const look of facts.looked) {
      const process = processOf(look.invocation);
      const key = keyOf(process, look.capability);
      const nth = count.get(key) ?? 0;
      count.set(key, nth + 1);
      push(this.#looks, key, { ...look, process, learnt: learnt.get(key)?.[nth] });
    }
    this.asks = facts.asked.map((asked) => {
      const process = processOf(asked.invocation);
      const known = this.#lastLearnt(process, asked);
      return { ...asked, process, answered: answered.get(asked.ask), known };
    });
    for (const ask of this.asks) push(this.#asks, keyOf(ask.process, ask.wanted.capability), ask);
  }

  /** All looks, by process and capability, each with those that asked for the same. */
  *byProcess(): Iterable<{ readonly looks: readonly Look[]; readonly asks: readonly Ask[] }> {
    for (const [key, looks] of this.#looks) yield { looks, asks: this.#asks.get(key) ?? [] };
  }

  /** The looks of its process for its capability. */
  looksOf({ process, wanted }: Ask): readonly Look[] {
    return this.#looks.get(keyOf(process, wanted.capability)) ?? [];
  }

  /** Answers that arrived while it waited. */
  arrivedFor(ask: Ask): readonly Of<'learnt'>[] {
    const until = ask.answered?.order ?? Number.POSITIVE_INFINITY;
    return this.looksOf(ask).flatMap(({ learnt }) =>
      learnt !== undefined && learnt.order > ask.order && learnt.order < until ? [learnt] : [],
    );
  }

  /** The offers of which its agent was chosen, and when: those that the process knew, or the first that arrived with one that matches. */
  decisionOf(ask: Ask): { readonly offers: readonly KnownOffer[]; readonly at: number } | undefined {
    if (isKnown(ask)) return { offers: ask.known?.offers ?? [], at: ask.at };
    const found = this.arrivedFor(ask).find(({ offers = [] }) => matching(offers, ask.wanted).length > 0);
    return found && { offers: found.offers ?? [], at: found.at };
  }

  #lastLearnt(process: number, { wanted, order, at }: Of<'asked'>): Learnt | undefined {
    const looks = this.#looks.get(keyOf(process, wanted.capability)) ?? [];
    const last = looks.findLast(({ learnt }) => learnt?.offers !== undefined && learnt.order < order)?.learnt;
    return last?.offers !== undefined && at - last.lookedAt < USABLE_MS ? { ...last, offers: last.offers } : undefined;
  }
}

/** Whether the process knows an agent that matches, so that it need not ask anybody. */
export const isKnown = ({ known, wanted }: Ask): boolean => known !== undefined && matching(known.offers, wanted).length > 0;

const keyOf = (process: number, capability: string): string => `${process} ${capability}`;

function push<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
