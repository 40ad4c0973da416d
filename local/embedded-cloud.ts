import type { Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { type Delivery, type Disorder, disorderly, TIDY } from './lambda/disorder.ts';
import { EventSource, type InvocationEvent } from './lambda/event-source.ts';
import { FunctionPool, type WorkerStatus } from './lambda/function-pool.ts';
import type { LogLine } from './lambda/function-worker.ts';
import type { Isolation } from './lambda/isolate.ts';
import { createResources } from './services/create-resources.ts';
import { dataLayout } from './services/durable-queues.ts';
import { listen, type RequestHandler, routeRequests } from './services/endpoint.ts';
import { ACCOUNT_ID, openQueuesAndBuckets, type QueuesAndBuckets } from './services/queues-and-buckets.ts';
import { openTables, type Tables } from './services/tables.ts';
import { readAssembly } from './template/assembly.ts';
import { type Deployment, planDeployment } from './template/deployment.ts';
import type { Ignored } from './template/ignored.ts';
import type { Place } from './template/resource-types.ts';
import type { PhysicalResource } from './template/stack-scope.ts';

export interface EmbeddedCloudOptions {
  /** A synthesized CDK app, usually `cdk.out`. */
  readonly assemblyDirectory: string;
  /** On 127.0.0.1; 0 for any free one. @default 4566 */
  readonly port?: number;
  /** Where queues, tables and content are kept, also over a kill -9. @default none: they are gone with the process */
  readonly dataDirectory?: string;
  /** What a function's worker is. @default 'thread' */
  readonly isolation?: Isolation;
  /** @default the environment's AWS_REGION, otherwise us-east-1 */
  readonly region?: string;
  /** Delivers the messages of standard queues to functions as SQS may. @default each once, in order */
  readonly disorder?: Disorder;
  /** How long `stop` waits for invocations in flight before it ends them. @default 5 */
  readonly stopGraceSeconds?: number;
  /** Every line that a function writes, and the platform's about it. @default nothing */
  onLog?(line: LogLine): void;
  /** Every invocation, when it has ended. @default nothing */
  onInvocation?(event: InvocationEvent): void;
}

/**
 * AWS on this machine, as far as the synthesized templates of a CDK app need it: creates their queues, tables, buckets and topics,
 * and runs their queue-fed functions with Lambda's semantics behind one endpoint that AWS SDKs and the AWS CLI can use.
 * What it promises and what not: docs/embedded-cloud.md.
 *
 * @example
 * const cloud = await EmbeddedCloud.start({ assemblyDirectory: 'cdk.out', port: 0 });
 * const sqs = new SQSClient({ endpoint: cloud.endpoint, region: cloud.region });
 * await cloud.stop();
 */
export class EmbeddedCloud {
  /** e.g. `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly region: string;
  /** What was created or runs, in all stacks. */
  readonly resources: readonly PhysicalResource[];
  /** What of the templates has no effect here; `ignoredLine` puts it in one line. */
  readonly ignored: readonly Ignored[];
  readonly #server: Server;
  readonly #backEnds: BackEnds;
  readonly #pools: ReadonlyMap<string, FunctionPool>;
  readonly #eventSources: readonly EventSource[];
  readonly #stopGraceSeconds: number;
  #stopped: Promise<void> | undefined;

  /**
   * @throws PortInUseError, DataDirectoryInUseError, TableChangedError, UnsupportedTemplateError
   */
  static async start(options: EmbeddedCloudOptions): Promise<EmbeddedCloud> {
    const delivery = options.disorder === undefined ? TIDY : disorderly(options.disorder);
    const assembly = await readAssembly(options.assemblyDirectory);
    // Queue URLs name the port, so that is taken first; early requests wait until all is there.
    const ready = Promise.withResolvers<RequestHandler>();
    ready.promise.catch(() => undefined);
    const { server, endpoint } = await listen(options.port ?? 4566, (request, response) => {
      ready.promise.then(
        (handle) => handle(request, response),
        () => response.destroy(),
      );
    });
    let backEnds: BackEnds | undefined;
    try {
      const place: Place = { endpoint, region: options.region ?? process.env.AWS_REGION ?? 'us-east-1', accountId: ACCOUNT_ID };
      const deployment = planDeployment(assembly, place);
      backEnds = await openBackEnds(place, deployment, options.dataDirectory);
      await createResources(deployment.resources, backEnds.stores, backEnds.tables);
      const cloud = new EmbeddedCloud(options, place, server, backEnds, deployment, delivery);
      const handler = routeRequests(backEnds.tables, backEnds.stores.app);
      server.removeAllListeners('request').on('request', handler);
      ready.resolve(handler);
      return cloud;
    } catch (error) {
      ready.reject(error);
      server.close();
      server.closeAllConnections();
      if (backEnds !== undefined) await closeBackEnds(backEnds);
      throw error;
    }
  }

  private constructor(
    options: EmbeddedCloudOptions,
    place: Place,
    server: Server,
    backEnds: BackEnds,
    deployment: Deployment,
    delivery: Delivery,
  ) {
    this.endpoint = place.endpoint;
    this.region = place.region;
    this.resources = deployment.resources.map(({ properties, ...resource }) => resource);
    this.ignored = deployment.ignored;
    this.#server = server;
    this.#backEnds = backEnds;
    this.#stopGraceSeconds = options.stopGraceSeconds ?? 5;
    const log = (line: LogLine) => options.onLog?.(line);
    const pools = new Map<string, FunctionPool>();
    this.#pools = pools;
    this.#eventSources = deployment.mappings.map((mapping) => {
      const { name } = mapping.function;
      const pool = pools.get(name) ?? new FunctionPool(mapping.function, { place, isolation: options.isolation ?? 'thread', log });
      pools.set(name, pool);
      const source = new EventSource(mapping, backEnds.stores, pool, {
        region: place.region,
        delivery: mapping.queueName.endsWith('.fifo') ? TIDY : delivery,
        onInvocation: (event) => options.onInvocation?.(event),
        onError: (error) => {
          const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
          log({ functionName: name, stream: 'platform', text: `The embedded cloud failed: ${text}` });
        },
      });
      source.start();
      return source;
    });
  }

  /** The workers that are alive; in `process` isolation each has a pid of its own. */
  workers(): readonly WorkerStatus[] {
    return [...this.#pools.values()].flatMap((pool) => pool.statuses());
  }

  /**
   * Receives no more messages, waits for the invocations in flight (`stopGraceSeconds`), ends the workers and closes. The batches of
   * invocations that it had to end are in flight until their visibility timeout, or until the next start on the same data.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    for (const source of this.#eventSources) source.stop();
    this.#backEnds.stores.sqsStore.shutdown();
    const idle = Promise.all(this.#eventSources.map((source) => source.idle()));
    await Promise.race([idle, setTimeout(this.#stopGraceSeconds * 1000, undefined, { ref: false })]);
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
    await idle;
    this.#server.close();
    this.#server.closeAllConnections();
    await closeBackEnds(this.#backEnds);
  }
}

interface BackEnds {
  readonly stores: QueuesAndBuckets;
  readonly tables: Tables;
}

async function openBackEnds({ region, accountId, endpoint }: Place, deployment: Deployment, dataDirectory?: string): Promise<BackEnds> {
  const layout = dataDirectory === undefined ? undefined : dataLayout(dataDirectory);
  // First, because LevelDB's lock is what tells a second embedded cloud on the same directory.
  const tables = await openTables({ region, accountId, ...(layout === undefined ? {} : { path: layout.tables }) });
  const releasedQueues = deployment.mappings.map(({ queueName }) => queueName);
  const directory = layout === undefined ? {} : { directory: layout.queues };
  const stores = await openQueuesAndBuckets({ endpoint, region, releasedQueues, ...directory });
  return { stores, tables };
}

async function closeBackEnds({ stores, tables }: BackEnds): Promise<void> {
  await stores.close();
  await tables.close();
}
