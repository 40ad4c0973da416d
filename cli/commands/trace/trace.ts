import { setTimeout as wait } from 'node:timers/promises';
import { styleText } from 'node:util';
import { type Hop, JourneySummary, MeshClient } from '../../../client/index.ts';
import { hopJson } from '../../../client/journeys/hop-json.ts';
import { CliError } from '../../cli-error.ts';
import { interruptible } from '../../interrupt.ts';
import { meshFlags } from '../../mesh-flags.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import { LEGEND } from './bar.ts';
import type { TraceFlags } from './flags.ts';
import type { HopSurroundings } from './hop-facts.ts';
import { Inboxes } from './inboxes.ts';
import { beginOf } from './segments.ts';
import { summaryText } from './summary-text.ts';
import { waterfall } from './waterfall.ts';

/** Hops that share a time axis. */
const SCREEN = 20;
const POLL_MS = 1_000;

/**
 * Prints the hops of a journey. With `follow` it prints those that changed, until all have their outcome.
 *
 * @throws CliError when nothing is on record under this id
 */
export async function trace(id: string, { follow, source }: TraceFlags, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    await interruptible(async (signal) => {
      const { exitCode } = process;
      const printer = new JourneyPrinter(id, settings);
      const round = () => printer.print(mesh.journey(id, { source }), new Inboxes(mesh), signal);
      let summary = await round();
      if (summary.hops === 0 && !follow && !signal.aborted) throw nothingOnRecord(id, settings);
      if (summary.hops === 0 && follow) console.error('Nothing is on record under this id yet: waiting for it, until Ctrl-C.');
      while (follow && !summary.isOver && !signal.aborted) {
        await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
        if (!signal.aborted) summary = await round();
      }
      if (settings.json) printJson({ summary: asRecord(summary) });
      else if (summary.hops > 0) console.log(`\n${summaryText(summary)}`);
      // Ctrl-C is an intended end of following.
      if (follow) process.exitCode = exitCode;
    });
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

/** Prints the hops that it has not printed before in this state. */
class JourneyPrinter {
  readonly #id: string;
  readonly #settings: Settings;
  readonly #printed = new Map<string, string>();
  #startedAt: number | undefined;

  constructor(id: string, settings: Settings) {
    this.#id = id;
    this.#settings = settings;
  }

  async print(hops: AsyncIterable<Hop>, inboxes: Inboxes, signal: AbortSignal): Promise<JourneySummary> {
    const summary = new JourneySummary();
    let screen: Hop[] = [];
    for await (const hop of hops) {
      if (signal.aborted) break;
      summary.add(hop);
      if (this.#isKnown(hop)) continue;
      screen.push(hop);
      if (screen.length < SCREEN) continue;
      await this.#printScreen(screen, inboxes);
      screen = [];
    }
    if (screen.length > 0) await this.#printScreen(screen, inboxes);
    return summary;
  }

  #isKnown({ messageKey, generation, state, attempts }: Hop): boolean {
    const now = [generation, state.kind, attempts.length].join(' ');
    if (this.#printed.get(messageKey) === now) return true;
    this.#printed.set(messageKey, now);
    return false;
  }

  async #printScreen(hops: readonly Hop[], inboxes: Inboxes): Promise<void> {
    await inboxes.ask(hops.filter(({ state }) => state.kind === 'not-received').map(({ agent }) => agent));
    const nowMs = Date.now();
    const inboxOf = (agent: string) => inboxes.of(agent);
    if (this.#settings.json) {
      for (const hop of hops)
        printJson({ ...hopJson(hop), inbox: (hop.state.kind === 'not-received' ? inboxOf(hop.agent) : undefined) ?? null });
      return;
    }
    if (this.#startedAt === undefined) {
      this.#startedAt = Math.min(...hops.map((hop) => beginOf(hop, nowMs)));
      const title = `${styleText('bold', printableLine(this.#id))}  ${new Date(this.#startedAt).toISOString()}`;
      console.log(`${title}\n${styleText('dim', LEGEND)}\n`);
    }
    const surroundings: HopSurroundings = { nowMs, inboxOf, flags: meshFlags(this.#settings) };
    console.log(waterfall(hops, this.#startedAt, process.stdout.columns || 80, surroundings));
  }
}

const asRecord = ({ hops, outcomes, open, notReceived, usage, wasted }: JourneySummary) => ({
  ...{ hops, ...outcomes, open, notReceived, usage, wasted },
});

const nothingOnRecord = (id: string, settings: Settings): CliError =>
  new CliError(`nothing is on record under '${printableLine(id)}'`, {
    remedy: [
      'Give a whole id: a correlation id, the id of the first message, or that of a message of an agent.',
      'For the id of another message add --source. A trace id needs a mesh with the setting traceIndex.',
      `Its first message may not be received yet: ${['npx posthorn stuck', meshFlags(settings)].filter(Boolean).join(' ')}`,
      'Records are kept for 30 days.',
    ].join('\n'),
  });
