import { AGENT_IDS } from './agents.ts';
import { bodyWithGeneration, bodyWithOtherData, generationOf } from './other-body.ts';
import { OPERATOR } from './senders.ts';
import { credentialOf } from './simulated-issuer.ts';
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
        this.#send(agent, copy.body, statedSender(copy));
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
      const attributes = statedSender(copy);
      this.#send(agent, body, attributes);
      if (faults.happens('redriven-twice')) {
        const laterMs = choices.integer(0, choices.chance(0.5) ? 500 : 200_000);
        scheduler.after(laterMs, () => this.#resend(agent, body, attributes));
      }
      this.#queue(from).delete(receiptHandle);
    }
  }

  /** Of two operators, one has other data under the same id, or counts a generation further. */
  #resend(agent: string, body: string, attributes: Copy['attributes']): void {
    const { faults } = this.#world;
    const further = faults.happens('redriven-further') ? bodyWithGeneration(body, generationOf(body) + 1) : body;
    const resent = faults.happens('redriven-with-other-data') ? bodyWithOtherData(further) : further;
    this.#send(agent, resent, attributes);
  }

  /** With the next generation; unchanged if nothing was committed for it, or if it is not an envelope. */
  #redriven(copy: Copy): string | undefined {
    const generation = copy.attributes['posthorn-generation'];
    if (generation === undefined) return copy.body;
    if (Number(generation) >= MAX_GENERATION) return undefined;
    const body = bodyWithGeneration(copy.body, Number(generation) + 1);
    return this.#world.faults.happens('redriven-with-other-data') ? bodyWithOtherData(body) : body;
  }

  /** With a token of the operator's own: that of the message was for its first sender. */
  #send(agent: string, body: string, attributes: Copy['attributes']): void {
    const credential = credentialOf(this.#services.issuer, OPERATOR, agent);
    this.#queue(`${agent} inbox`).send(body, { ...attributes, ...credential }, OPERATOR);
  }

  #queue(name: string): SimulatedQueue {
    const queue = this.#services.queues.get(name);
    if (queue === undefined) throw new Error(`there is no queue ${name}`);
    return queue;
  }
}

/** As the operator's tool states who sent a message that no record names: SQS moved it, or its sender was refused. */
function statedSender({ attributes, senderId }: Copy): Readonly<Record<string, string>> {
  const sender = attributes['posthorn-outcome'] === undefined ? senderId : attributes['posthorn-sender'];
  return sender === undefined ? {} : { 'posthorn-sender': sender };
}
