import * as z from 'zod/mini';
import type { RegistryReport } from './bring-in-line.ts';

const eventSchema = z.object({ time: z.iso.datetime() });

/** An event says in whole seconds, by another clock, when a parameter has changed. */
const MARGIN_MS = 2_000;

/**
 * The runs of one process. A run reads everything, so it covers all changes from before it: a hundred agents that are deployed together
 * cause as many events, and need no hundred runs, each of which reads the records of all agents.
 */
export class Runs {
  readonly #run: () => Promise<RegistryReport>;
  readonly #now: () => number;
  /** When the last run began that has succeeded. */
  #beganAt = Number.NEGATIVE_INFINITY;

  constructor(run: () => Promise<RegistryReport>, now: () => number) {
    this.#run = run;
    this.#now = now;
  }

  /** @returns `undefined` if the change has been read already. @throws what the run throws */
  async after(event: unknown): Promise<RegistryReport | undefined> {
    const { data } = eventSchema.safeParse(event);
    if (data !== undefined && Date.parse(data.time) + MARGIN_MS <= this.#beganAt) return undefined;
    const beganAt = this.#now();
    const report = await this.#run();
    this.#beganAt = Math.max(this.#beganAt, beganAt);
    return report;
  }
}
