import type { Context, SQSEvent } from 'aws-lambda';
import type { BatchHandler, Invocation, SimulatedProcess } from './simulated-process.ts';
import type { Received, SimulatedQueue } from './simulated-queue.ts';
import type { World } from './world.ts';

export interface EventSourceOptions {
  readonly agent: string;
  readonly inbox: SimulatedQueue;
  readonly deadLetters: SimulatedQueue;
  readonly maxReceives: number;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly nextInvocation: () => number;
  /** A new process of the version that is deployed now. */
  readonly start: (version: number) => { readonly process: SimulatedProcess; readonly handler: BatchHandler };
}

interface Environment {
  readonly process: SimulatedProcess;
  readonly handler: BatchHandler;
}

/** Lambda and its event source mapping for one agent: batches, warm processes, timeouts, partial batch failures. */
export class EventSource {
  readonly #world: World;
  readonly #options: EventSourceOptions;
  readonly #idle: Environment[] = [];
  #version = 1;
  #busy = 0;
  #isPolling = false;
  #isStopped = false;

  constructor(world: World, options: EventSourceOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Something lies in the inbox. */
  poll(): void {
    const { scheduler, timing } = this.#world;
    if (this.#isPolling || this.#isStopped || this.#busy >= this.#options.concurrency || this.#options.inbox.readyCount === 0) return;
    this.#isPolling = true;
    scheduler.after(timing.integer(0, 300), () => {
      this.#isPolling = false;
      const count = timing.chance(0.7) ? this.#options.batchSize : timing.integer(1, this.#options.batchSize);
      const batch = this.#receive(count);
      if (batch.length > 0) this.#invoke(batch);
      this.poll();
    });
  }

  /** A new version. Processes of the old one end after their current batch. */
  deploy(version: number): void {
    this.#version = version;
    for (const { process } of this.#idle.splice(0)) process.kill();
  }

  /** Later it receives nothing for a time: for seconds, or for so long that each producer knows of it. */
  stopLater(): void {
    const { scheduler, timing } = this.#world;
    scheduler.after(timing.integer(0, 300_000), () => {
      this.#isStopped = true;
      scheduler.after(timing.chance(0.5) ? timing.integer(1_000, 60_000) : timing.integer(60_000, 1_200_000), () => {
        this.#isStopped = false;
        this.poll();
      });
    });
  }

  #environment(): Environment {
    const idle = this.#idle.pop();
    if (idle === undefined) return this.#options.start(this.#version);
    return idle.process.isDead ? this.#environment() : idle;
  }

  #retire(environment: Environment): void {
    if (environment.process.version === this.#version) this.#idle.push(environment);
    else environment.process.kill();
  }

  #receive(count: number): Received[] {
    const { inbox, deadLetters, maxReceives } = this.#options;
    return inbox.receive(count).filter(({ copy, receives }) => {
      if (receives <= maxReceives) return true;
      inbox.remove(copy);
      this.#world.note({ what: 'moved', copy: copy.number, receives: receives - 1 });
      deadLetters.send(copy.body, copy.attributes, { by: 'agent', senderId: copy.senderId }, { messageId: copy.messageId });
      return false;
    });
  }

  #invoke(batch: readonly Received[]): void {
    const { scheduler, faults, note } = this.#world;
    const { agent, timeoutMs, nextInvocation } = this.#options;
    const environment = this.#environment();
    const { process } = environment;
    const invocation: Invocation = { number: nextInvocation(), endsAt: scheduler.now + timeoutMs, isOver: false };
    note({ what: 'invoked', invocation: invocation.number, agent, process: process.number, version: process.version });
    for (const { copy, receives } of batch) {
      const isDuplicate = copy.isDuplicateNext;
      copy.isDuplicateNext = false;
      note({ what: 'received', copy: copy.number, receives, invocation: invocation.number, isDuplicate });
    }
    process.invocation = invocation;
    // It froze or began to loop in the batch before, whose end did not need it any more.
    if (process.isFrozen || !process.isRunning) process.disturb('freeze');
    if (faults.happens('not-invoked')) {
      this.#retire(environment);
      note({ what: 'disturbed', invocation: invocation.number, by: 'not-invoked' });
      note({ what: 'over', invocation: invocation.number, how: 'crashed' });
      return;
    }
    this.#busy++;
    this.#limit(environment, invocation);
    this.#meddle(process, invocation);
    const context = { getRemainingTimeInMillis: () => Math.max(0, invocation.endsAt - scheduler.now) };
    environment.handler(eventOf(batch, agent), context as Context).then(
      (response) => {
        if (!process.isRunning || invocation.isOver) return;
        const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        this.#end(invocation, 'answered');
        this.#acknowledge(batch.filter(({ copy }) => !failed.has(copy.messageId)));
        this.#retire(environment);
        this.poll();
      },
      (error: unknown) => {
        if (!process.isRunning || invocation.isOver) return;
        process.misuse(`the handler threw ${error}`);
        this.#end(invocation, 'threw');
        this.#retire(environment);
        this.poll();
      },
    );
  }

  #limit({ process }: Environment, invocation: Invocation): void {
    const { scheduler, faults } = this.#world;
    const cancel = scheduler.after(this.#options.timeoutMs, () => {
      if (invocation.isOver) return;
      process.disturb('timeout');
      this.#end(invocation, 'timed out');
      process.onDeath = () => undefined;
      if (!faults.happens('zombie')) process.kill();
      this.poll();
    });
    process.onDeath = () => {
      cancel();
      if (invocation.isOver) return;
      this.#end(invocation, 'crashed');
      this.poll();
    };
  }

  /** Whatever may happen to a process at any time. */
  #meddle(process: SimulatedProcess, invocation: Invocation): void {
    const { scheduler, timing, faults } = this.#world;
    const { timeoutMs } = this.#options;
    const someTime = () => (timing.chance(0.7) ? timing.integer(0, 300) : timing.integer(0, timeoutMs));
    const whileRunning = (work: () => void) => {
      scheduler.after(someTime(), () => {
        if (!invocation.isOver && process.invocation === invocation) work();
      });
    };
    if (faults.happens('kill'))
      whileRunning(() => {
        process.disturb('kill');
        process.kill();
      });
    if (faults.happens('freeze')) {
      const durationMs = timing.chance(0.5) ? timing.integer(timeoutMs, 20 * timeoutMs) : timing.integer(10, timeoutMs);
      whileRunning(() => {
        process.disturb('freeze');
        process.freeze(durationMs);
      });
    }
  }

  #end(invocation: Invocation, how: 'answered' | 'threw' | 'crashed' | 'timed out'): void {
    invocation.isOver = true;
    this.#busy--;
    this.#world.note({ what: 'over', invocation: invocation.number, how });
  }

  #acknowledge(batch: readonly Received[]): void {
    const { scheduler, faults, timing } = this.#world;
    for (const { receiptHandle } of batch) {
      if (faults.happens('delete-lost')) continue;
      const delayMs = faults.happens('delete-late') ? timing.integer(100, 60_000) : timing.integer(1, 10);
      scheduler.after(delayMs, () => this.#options.inbox.delete(receiptHandle));
    }
  }
}

function eventOf(batch: readonly Received[], agent: string): SQSEvent {
  return {
    Records: batch.map(({ copy, receives, receiptHandle }) => ({
      messageId: copy.messageId,
      receiptHandle,
      body: copy.body,
      attributes: {
        ApproximateReceiveCount: String(receives),
        SentTimestamp: String(copy.sentAt),
        SenderId: copy.senderId,
        ApproximateFirstReceiveTimestamp: String(copy.sentAt),
      },
      messageAttributes: Object.fromEntries(
        Object.entries(copy.attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
      ),
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:eu-central-1:000000000000:${agent}`,
      awsRegion: 'eu-central-1',
    })),
  };
}
