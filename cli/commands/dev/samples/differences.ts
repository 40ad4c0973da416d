import type { LedgerRecord } from '../../../../events/ledger-record.ts';
import type { Sample } from '../../../../events/sample.ts';

/** The state of one message at one agent, read from the ledger. */
export interface ObservedHop {
  readonly messageKey: string;
  readonly agent: string;
  readonly outcome: LedgerRecord['outcome'];
  readonly code: string | undefined;
  readonly attempts: number;
}

/** The observed result of a sample. */
export interface Observed {
  readonly hops: readonly ObservedHop[];
  /** The facts that doubles counted for its messages, by name. */
  readonly facts: Readonly<Record<string, number>>;
  readonly replies: number;
}

const OUTCOMES = ['processed', 'rejected', 'dead-lettered'] as const;

/** How many outcomes a sample declares. */
export const expectedHops = ({ outcomes }: Sample['expect']): number =>
  Object.values(outcomes).reduce((sum, counts) => sum + OUTCOMES.reduce((perAgent, outcome) => perAgent + (counts[outcome] ?? 0), 0), 0);

/** A sentence for each difference between the observed and the declared result; empty if they agree. */
export function differences(expected: Sample['expect'], { hops, facts, replies }: Observed): readonly string[] {
  const agents = [...new Set([...Object.keys(expected.outcomes), ...hops.map(({ agent }) => agent)])];
  const found = agents.flatMap((agent) => {
    const counts = expected.outcomes[agent];
    const own = hops.filter((hop) => hop.agent === agent);
    const codes = [...new Set(own.flatMap(({ code }) => (code === undefined ? [] : [code])))].sort();
    return [
      ...OUTCOMES.map((outcome) =>
        difference(`${agent}: ${outcome}`, counts?.[outcome] ?? 0, own.filter((hop) => hop.outcome === outcome).length),
      ),
      difference(`${agent}: without outcome`, 0, own.filter((hop) => hop.outcome === undefined).length),
      difference(`${agent}: codes`, counts?.codes.join(', ') || 'none', codes.join(', ') || 'none'),
    ];
  });
  const names = [...new Set([...Object.keys(expected.facts), ...Object.keys(facts)])].sort();
  const outside = names.map((name) => difference(name, expected.facts[name] ?? 0, facts[name] ?? 0));
  return [...found, ...outside, difference('replies', expected.replies, replies)].filter((sentence) => sentence !== undefined);
}

const difference = (what: string, expected: number | string, actual: number | string): string | undefined =>
  expected === actual ? undefined : `${what}: expected ${expected}, got ${actual}`;
