import { type FaultKind, OF_REGISTRY, OF_SENDERS, RULED_OUT } from '../faults.ts';
import type { RuntimeModules } from '../load-runtime.ts';
import { posthornStack } from '../posthorn-stack.ts';
import { simulate } from '../simulation.ts';
import { type Measures, measure } from './measure.ts';
import { powertoolsStack } from './powertools-stack.ts';

/** The same seed on both stacks. */
export interface Comparison {
  readonly seed: number;
  readonly posthorn: Measures;
  readonly powertools: Measures;
}

/**
 * What the comparison leaves out: the peer asks nobody who sent a message, has no generations to redrive with, takes the newest data of an id for a
 * duplicate by design, and reads a clock that cannot be skewed per process here.
 */
const LEFT_OUT: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...RULED_OUT,
  ...OF_SENDERS,
  ...OF_REGISTRY,
  'redrive',
  'redriven-twice',
  'redriven-further',
  'redriven-with-other-data',
  'clock-skew',
  'sent-with-other-data',
]);

export async function compare(runtime: RuntimeModules, seed: number, messages: number): Promise<Comparison> {
  const options = { seed, messages, without: LEFT_OUT, redrivesAtEnd: false };
  const posthorn = await simulate({ runAgent: posthornStack(runtime) }, options);
  const now = Date.now;
  try {
    const powertools = await simulate({ runAgent: powertoolsStack(new Map()) }, options);
    return { seed, posthorn: measure(posthorn.history), powertools: measure(powertools.history) };
  } finally {
    Date.now = now;
  }
}
