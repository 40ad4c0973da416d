import { styleText } from 'node:util';
import { type Hop, JourneySummary } from '../../../client/index.ts';
import { hopJson } from '../../../client/journeys/hop-json.ts';
import { duration } from '../../duration.ts';
import { type Inboxes, inboxJson } from '../../inboxes.ts';
import { meshFlags } from '../../mesh-flags.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import { LEGEND } from './bar.ts';
import { type HopSurroundings, waitsInInbox } from './hop-facts.ts';
import { axisOf, waterfall } from './waterfall.ts';

/** Hops that share a time axis. */
const SCREEN = 20;

/** Prints hops a screen at a time. Where it is to print them again, it leaves out those that it has printed in their present state. */
export class JourneyPrinter {
  readonly #id: string;
  readonly #settings: Settings;
  /** Absent where the journey is printed once, so that memory does not grow with its length. */
  readonly #printed: Map<string, string> | undefined;
  #startedAt: number | undefined;

  constructor(id: string, settings: Settings, printsAgain: boolean) {
    this.#id = id;
    this.#settings = settings;
    this.#printed = printsAgain ? new Map() : undefined;
  }

  /** Prints each screen as soon as it has its hops. @returns the sum of all hops, printed now or before */
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
    if (this.#printed?.get(messageKey) === now) return true;
    this.#printed?.set(messageKey, now);
    return false;
  }

  async #printScreen(hops: readonly Hop[], inboxes: Inboxes): Promise<void> {
    await inboxes.ask(hops.filter(waitsInInbox).map(({ agent }) => agent));
    const nowMs = Date.now();
    const inboxOf = (agent: string) => inboxes.of(agent);
    if (this.#settings.json) {
      for (const hop of hops) {
        const inbox = waitsInInbox(hop) ? inboxOf(hop.agent) : undefined;
        printJson({ ...hopJson(hop), inbox: inbox === undefined ? null : inboxJson(inbox) });
      }
      return;
    }
    const axis = axisOf(hops, nowMs);
    const startedAt = this.#startedAt ?? axis.from;
    if (this.#startedAt === undefined) {
      const title = `${styleText('bold', printableLine(this.#id))}  ${new Date(startedAt).toISOString()}`;
      console.log(`${title}\n${styleText('dim', LEGEND)}\n`);
    }
    const times = [axis.from, axis.to].map((at) => `+${duration(at - startedAt)}`).join(' to ');
    const before = this.#startedAt === undefined ? '' : `\n${styleText('dim', `The next bars show ${times}.`)}\n`;
    this.#startedAt = startedAt;
    const surroundings: HopSurroundings = { nowMs, inboxOf, flags: meshFlags(this.#settings) };
    console.log(before + waterfall(hops, startedAt, process.stdout.columns || undefined, surroundings));
  }
}
