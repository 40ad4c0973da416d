import { AGENT_IDS } from './agents.ts';
import type { Services } from './simulated-ports.ts';
import type { Copy, SimulatedQueue } from './simulated-queue.ts';
import type { World } from './world.ts';

/** An operator stops redriving after so many times. */
const MAX_GENERATION = 3;

/** The operator: redrives copies from error and dead-letter queues at random times, sometimes twice. */
export class Operator {
  readonly #world: World;
  readonly #services: Services;

  constructor(world: World, services: Services) {
    this.#world = world;
    this.#services = services;
  }

  start(): void {
    const { scheduler, choices } = this.#world;
    const round = (left: number) => {
      for (const agent of AGENT_IDS) for (const queue of ['errors', 'dlq']) this.#visit(agent, `${agent} ${queue}`);
      if (left > 0) scheduler.after(choices.integer(20_000, 400_000), () => round(left - 1));
    };
    scheduler.after(choices.integer(1_000, 60_000), () => round(40));
  }

  /** Puts back whatever SQS moved by itself. @returns how many copies */
  redriveMoved(): number {
    let count = 0;
    for (const agent of AGENT_IDS) {
      for (const { copy, receiptHandle } of this.#queue(`${agent} dlq`).receive(Number.MAX_SAFE_INTEGER)) {
        if (copy.attributes['posthorn-outcome'] !== undefined) continue;
        this.#queue(`${agent} inbox`).send(copy.body, {}, 'operator');
        this.#queue(`${agent} dlq`).delete(receiptHandle);
        count++;
      }
    }
    return count;
  }

  #visit(agent: string, from: string): void {
    const { faults, choices, scheduler } = this.#world;
    for (const { copy, receiptHandle } of this.#queue(from).receive(10)) {
      const body = faults.happens('redrive') ? this.#redriven(copy) : undefined;
      if (body === undefined) {
        // What was looked at is left for good; what SQS moved is put back at the end at the latest.
        if (copy.attributes['posthorn-outcome'] !== undefined) this.#queue(from).remove(copy);
        continue;
      }
      this.#queue(`${agent} inbox`).send(body, {}, 'operator');
      if (faults.happens('redriven-twice')) {
        const laterMs = choices.integer(0, choices.chance(0.5) ? 500 : 200_000);
        scheduler.after(laterMs, () => this.#resend(agent, body));
      }
      this.#queue(from).delete(receiptHandle);
    }
  }

  /** Of two operators, one has other data under the same id, or counts a generation further. */
  #resend(agent: string, body: string): void {
    const { faults } = this.#world;
    const further = faults.happens('redriven-further') ? withGeneration(body, generationOf(body) + 1) : body;
    this.#queue(`${agent} inbox`).send(faults.happens('redriven-with-other-data') ? mended(further) : further, {}, 'operator');
  }

  /** With the next generation; unchanged if nothing was committed for it, or if it is not an envelope. */
  #redriven(copy: Copy): string | undefined {
    const generation = copy.attributes['posthorn-generation'];
    if (generation === undefined) return copy.body;
    if (Number(generation) >= MAX_GENERATION) return undefined;
    const body = withGeneration(copy.body, Number(generation) + 1);
    return this.#world.faults.happens('redriven-with-other-data') ? mended(body) : body;
  }

  #queue(name: string): SimulatedQueue {
    const queue = this.#services.queues.get(name);
    if (queue === undefined) throw new Error(`there is no queue ${name}`);
    return queue;
  }
}

function withGeneration(body: string, generation: number): string {
  const envelope = parsed(body);
  return envelope ? JSON.stringify({ ...envelope, generation }) : body;
}

function generationOf(body: string): number {
  const generation = parsed(body)?.generation;
  return typeof generation === 'number' ? generation : 0;
}

/** What was wrong with inline data is put right, under the same id: other data, a conflict. */
function mended(body: string): string {
  const envelope = parsed(body);
  const data = envelope && 'data' in envelope && typeof envelope.data === 'object' ? envelope.data : undefined;
  return data ? JSON.stringify({ ...envelope, subject: 'ok', data: { ...data, kind: 'ok', tag: 'mended' } }) : body;
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
