import { bodyWithGeneration, bodyWithOtherData } from './other-body.ts';
import { FORGER, OPERATOR, PRODUCER, type Sender, STRANGER } from './senders.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import type { World } from './world.ts';

interface Forgery {
  readonly sender: Sender;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A forged message may be in the queue so long before the genuine one. */
const MAX_LEAD_MS = 3_000;

/** Send messages with the ids and sources of genuine ones, before, beside and after them. */
export class Forgers {
  readonly #world: World;
  readonly #queues: ReadonlyMap<string, SimulatedQueue>;

  constructor(world: World, queues: ReadonlyMap<string, SimulatedQueue>) {
    this.#world = world;
    this.#queues = queues;
  }

  /**
   * Learn of a genuine message.
   *
   * @returns how long after now the genuine one is to be sent, for the forged ones to be there before it
   */
  learn(queue: string, body: string): number {
    const { scheduler, choices } = this.#world;
    const forgeries = this.#forge(body);
    if (forgeries.length === 0) return 0;
    for (const { sender, body: forged, attributes = {} } of forgeries) {
      const afterMs = choices.chance(0.5) ? choices.integer(0, MAX_LEAD_MS) : choices.integer(0, 60_000);
      scheduler.after(afterMs, () => void this.#queues.get(queue)?.send(forged, attributes, sender));
    }
    return choices.chance(0.5) ? choices.integer(0, MAX_LEAD_MS) : 0;
  }

  #forge(body: string): Forgery[] {
    const { faults, choices } = this.#world;
    const forgeries: Forgery[] = [];
    if (faults.happens('forged-by-stranger')) {
      const form = choices.weighted({ same: 2, other: 2, redriven: 1, stated: 1 });
      if (form === 'stated') forgeries.push(stating(STRANGER, body, choices.chance(0.5) ? OPERATOR : PRODUCER));
      else if (form === 'redriven') forgeries.push({ sender: STRANGER, body: bodyWithGeneration(body, 1) });
      else forgeries.push({ sender: STRANGER, body: form === 'same' ? body : bodyWithOtherData(body, 'forged') });
    }
    if (faults.happens('forged-source'))
      forgeries.push({ sender: FORGER, body: choices.chance(0.5) ? body : bodyWithOtherData(body, 'forged') });
    if (faults.happens('forged-redrive')) {
      const sender = choices.chance(0.5) ? PRODUCER : FORGER;
      const isStated = choices.chance(0.5);
      forgeries.push(isStated ? stating(sender, body, OPERATOR) : { sender, body: bodyWithGeneration(body, choices.integer(1, 2)) });
    }
    return forgeries;
  }
}

const stating = (sender: Sender, body: string, original: Sender): Forgery => ({
  sender,
  body,
  attributes: { 'posthorn-sender': original.senderId },
});
