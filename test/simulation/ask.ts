import type { CapabilityTarget, Context } from '../../functions/runtime/agent/agent.ts';
import type { WantedOffer } from './history.ts';
import { type Data, wireOf } from './message-data.ts';
import type { Random } from './random.ts';
import type { Surroundings } from './surroundings.ts';

/** Above this, a message's data is stored beside it. */
const MAX_INLINE_CHARACTERS = 8_000;

/**
 * An agent sends to a capability: it may ask for a version, or for an agent that is fast.
 *
 * @param type of the message, which no other has
 */
export async function ask(
  capability: string,
  data: Data,
  type: string,
  context: Pick<Context, 'send'>,
  { world, process }: Surroundings,
): Promise<void> {
  const invocation = process.invocation?.number ?? -1;
  const wanted = wantedOf(capability, world.choices);
  const isInline = (data.pad?.length ?? 0) < MAX_INLINE_CHARACTERS;
  world.note({ what: 'asked', invocation, ask: type, wanted, isInline, skewMs: process.skewMs });
  try {
    await context.send(targetOf(wanted), wireOf(data), { subject: data.kind, type });
    world.note({ what: 'answered', invocation, ask: type });
  } catch (error) {
    const code = codeOf(error);
    world.note({ what: 'answered', invocation, ask: type, error: code });
    if (code === 'Interrupted') process.disturb('unfound');
    throw error;
  }
}

function wantedOf(capability: string, choices: Random): WantedOffer {
  switch (choices.weighted({ any: 5, version: 3, latency: 2 })) {
    case 'any':
      return { capability };
    case 'version':
      return {
        capability,
        ...(choices.chance(0.7) ? { leastMajor: choices.integer(1, 2) } : { onlyMajor: capability === 'telling' ? 3 : 1 }),
      };
    case 'latency':
      return { capability, maxLatencyMs: choices.chance(0.5) ? 200 : 1_000, mustBeMeasured: choices.chance(0.3) };
  }
}

function targetOf({ capability, leastMajor, onlyMajor, maxLatencyMs, mustBeMeasured = false }: WantedOffer): CapabilityTarget {
  return {
    capability,
    version: rangeOf(leastMajor, onlyMajor),
    maxLatencyMs,
    unmeasured: mustBeMeasured ? 'exclude' : 'include',
  };
}

function rangeOf(leastMajor: number | undefined, onlyMajor: number | undefined): string | undefined {
  if (leastMajor !== undefined) return `>=${leastMajor}.0.0`;
  return onlyMajor === undefined ? undefined : `^${onlyMajor}.0.0`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
