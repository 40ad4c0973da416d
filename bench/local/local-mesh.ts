import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdk from '../../cdk.json' with { type: 'json' };
import { admitOperator } from '../../client/registry/admit-operator.ts';
import { addMesh, discoverAgents } from '../../infra/index.ts';
import { EmbeddedCloud } from '../../local/embedded-cloud.ts';
import { OPERATOR } from '../../local/services/identities.ts';
import { reply } from '../stub/start-stub.ts';
import { type CpuByThread, cpuByThread } from './cpu-by-thread.ts';
import { type Delivery, deliverySchema, type Order } from './producer-messages.ts';

/** The results of one order of messages. */
export interface Run {
  readonly delivery: Delivery;
  /** For each message, the time from its due time to the end of its invocation: committed, and deleted from the queue. */
  readonly latenciesMs: readonly number[];
  readonly invocations: number;
  /** From the first send to the last commit. */
  readonly seconds: number;
  readonly cpuSeconds: CpuByThread;
  /** Of the embedded cloud's event loop, 0 to 1. */
  readonly utilization: number;
}

/** The no-op agent on the embedded cloud, in this process, and a producer in another. */
export class LocalMesh implements AsyncDisposable {
  readonly #cloud: EmbeddedCloud;
  readonly #producer: ChildProcess;
  readonly #folder: string;
  readonly #endedAtMs: Map<string, number>;
  readonly #counts: { invocations: number };

  static async start(): Promise<LocalMesh> {
    const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
    const agents = await discoverAgents(join(import.meta.dirname, '../agents'));
    const app = new App({ outdir: folder, context: cdk.context });
    addMesh(app, { agents });
    app.synth();
    const endedAtMs = new Map<string, number>();
    const counts = { invocations: 0 };
    const cloud = await EmbeddedCloud.start({
      assemblyDirectory: folder,
      port: 0,
      onInvocation: ({ messageIds, failedMessageIds }) => {
        const now = performance.timeOrigin + performance.now();
        counts.invocations++;
        for (const id of messageIds) if (!failedMessageIds.includes(id)) endedAtMs.set(id, now);
      },
    });
    // The agent would reject what a sender that it does not know sends, and no handler would run.
    await admitOperator(cloud, OPERATOR);
    const producer = fork(join(import.meta.dirname, 'producer.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    return new LocalMesh(cloud, producer, folder, endedAtMs, counts);
  }

  private constructor(
    cloud: EmbeddedCloud,
    producer: ChildProcess,
    folder: string,
    endedAtMs: Map<string, number>,
    counts: { invocations: number },
  ) {
    this.#cloud = cloud;
    this.#producer = producer;
    this.#folder = folder;
    this.#endedAtMs = endedAtMs;
    this.#counts = counts;
  }

  /** @throws Error when a message has no outcome a minute after the last was sent */
  async run(order: Pick<Order, 'messages' | 'ratePerSecond'>): Promise<Run> {
    this.#endedAtMs.clear();
    this.#counts.invocations = 0;
    const before = cpuByThread();
    const loopBefore = performance.eventLoopUtilization();
    const answered = reply(this.#producer);
    const queueUrl = `${this.#cloud.endpoint}/000000000000/posthorn-dev-no-op-inbox`;
    this.#producer.send({ ...order, endpoint: this.#cloud.endpoint, queueUrl });
    const delivery = deliverySchema.parse(await answered);
    await this.#ended(delivery.sent.length);
    const { utilization } = performance.eventLoopUtilization(loopBefore);
    const after = cpuByThread();
    const ended = delivery.sent.map(([id]) => this.#endedAtMs.get(id) ?? Number.NaN);
    const firstSentMs = delivery.sent.reduce((first, [, at]) => Math.min(first, at), Number.POSITIVE_INFINITY);
    return {
      delivery,
      latenciesMs: delivery.sent.map(([, at], index) => (ended[index] ?? Number.NaN) - at),
      invocations: this.#counts.invocations,
      seconds: (ended.reduce((last, at) => Math.max(last, at), 0) - firstSentMs) / 1_000,
      cpuSeconds: {
        cloud: after.cloud - before.cloud,
        workers: after.workers - before.workers,
        engine: after.engine - before.engine,
      },
      utilization,
    };
  }

  get workers(): number {
    return this.#cloud.workers().length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#producer.kill();
    await this.#cloud.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ended(count: number): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (this.#endedAtMs.size < count) {
      if (Date.now() > deadline) throw new Error(`${this.#endedAtMs.size} of ${count} messages have an outcome after a minute`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
