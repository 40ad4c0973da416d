import type { Sender } from './senders.ts';
import type { World } from './world.ts';

/** A message as it lies in one queue. */
export interface Copy {
  readonly number: number;
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The principal that sent it: SQS stamps it on the message, and keeps it when it moves the message. */
  readonly senderId: string;
  readonly sentAt: number;
  receives: number;
  state: 'ready' | 'hidden' | 'deleted';
  visibleAt: number;
  /** The next receive is one that an exact queue would not have given. */
  isDuplicateNext: boolean;
}

export interface Received {
  readonly copy: Copy;
  readonly receives: number;
  readonly receiptHandle: string;
}

/** A standard SQS queue: at least once, in any order. */
export class SimulatedQueue {
  readonly name: string;
  readonly #world: World;
  readonly #visibilityMs: number;
  readonly #onReady: () => void;
  readonly #copies = new Map<number, Copy>();
  readonly #ready: Copy[] = [];
  #nextNumber: () => number;

  constructor(
    name: string,
    world: World,
    options: { readonly visibilityMs?: number; readonly onReady?: () => void; readonly nextNumber: () => number },
  ) {
    this.name = name;
    this.#world = world;
    this.#visibilityMs = options.visibilityMs ?? 0;
    this.#onReady = options.onReady ?? (() => undefined);
    this.#nextNumber = options.nextNumber;
  }

  get readyCount(): number {
    return this.#ready.length;
  }

  /** Messages that may be received now, and those that were received. */
  get depth(): { readonly visible: number; readonly inFlight: number } {
    const inFlight = [...this.#copies.values()].filter(({ state }) => state === 'hidden').length;
    return { visible: this.#ready.length, inFlight };
  }

  /** Numbers of the messages left in the queue, ready or not. */
  get left(): readonly number[] {
    return [...this.#copies.values()].filter(({ state }) => state !== 'deleted').map(({ number }) => number);
  }

  send(
    body: string,
    attributes: Copy['attributes'],
    { by, senderId }: Sender,
    { messageId = this.#world.timing.uuid(), group }: { readonly messageId?: string; readonly group?: string | undefined } = {},
  ): Copy {
    const { scheduler, note } = this.#world;
    const copy: Copy = {
      number: this.#nextNumber(),
      messageId,
      body,
      attributes,
      senderId,
      sentAt: scheduler.now,
      receives: 0,
      state: 'ready',
      visibleAt: scheduler.now,
      isDuplicateNext: false,
    };
    this.#copies.set(copy.number, copy);
    note({
      what: 'sent',
      queue: this.name,
      copy: copy.number,
      messageId,
      body,
      attributes,
      by,
      senderId,
      ...(group !== undefined && { group }),
    });
    this.#ready.push(copy);
    this.#onReady();
    return copy;
  }

  /** Any of the visible messages, and hides them. */
  receive(count: number): Received[] {
    const { faults, timing, scheduler } = this.#world;
    const received: Received[] = [];
    while (received.length < count) {
      const copy = timing.take(this.#ready);
      if (copy === undefined) break;
      copy.receives++;
      received.push({ copy, receives: copy.receives, receiptHandle: `${copy.number}.${copy.receives}` });
      this.#hide(copy, faults.happens('visibility-ends-early') ? timing.integer(100, 20_000) : this.#visibilityMs);
      if (copy.visibleAt < scheduler.now + this.#visibilityMs) copy.isDuplicateNext = true;
      if (faults.happens('duplicate-delivery')) scheduler.after(timing.integer(0, 3_000), () => this.#appearAgain(copy));
    }
    return received;
  }

  /** @returns whether the handle is good: one of an earlier receive may not be */
  changeVisibility(receiptHandle: string, delaySeconds: number): Copy | undefined {
    const [copy, isCurrent] = this.#find(receiptHandle);
    if (copy === undefined || copy.state !== 'hidden' || (!isCurrent && this.#world.timing.chance(0.5))) return undefined;
    if (!isCurrent) copy.isDuplicateNext = true;
    this.#hide(copy, delaySeconds * 1_000);
    return copy;
  }

  delete(receiptHandle: string): void {
    const { faults, timing, scheduler, note } = this.#world;
    const [copy, isCurrent] = this.#find(receiptHandle);
    if (copy === undefined || copy.state === 'deleted' || (!isCurrent && timing.chance(0.5))) return;
    if (copy.state === 'ready') this.#ready.splice(this.#ready.indexOf(copy), 1);
    copy.state = 'deleted';
    note({ what: 'deleted', copy: copy.number });
    if (faults.happens('delivered-after-delete')) scheduler.after(timing.integer(0, 60_000), () => this.#appearAgain(copy));
    else this.#copies.delete(copy.number);
  }

  /** Takes a copy out, as SQS does that moves it to the dead-letter queue. */
  remove(copy: Copy): void {
    copy.state = 'deleted';
    this.#copies.delete(copy.number);
  }

  #find(receiptHandle: string): [Copy | undefined, boolean] {
    const [number, receives] = receiptHandle.split('.').map(Number);
    const copy = this.#copies.get(number ?? -1);
    return [copy, copy?.receives === receives];
  }

  #hide(copy: Copy, durationMs: number): void {
    const { scheduler } = this.#world;
    copy.state = 'hidden';
    const visibleAt = scheduler.now + durationMs;
    copy.visibleAt = visibleAt;
    scheduler.after(durationMs, () => {
      if (copy.state === 'hidden' && copy.visibleAt === visibleAt) this.#appear(copy);
    });
  }

  /** A server that had not heard of the receive or of the delete. */
  #appearAgain(copy: Copy): void {
    if (copy.state === 'ready' || !this.#copies.has(copy.number)) return;
    copy.isDuplicateNext = true;
    this.#appear(copy);
  }

  #appear(copy: Copy): void {
    copy.state = 'ready';
    this.#ready.push(copy);
    this.#onReady();
  }
}
