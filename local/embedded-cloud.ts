import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeploymentReport, Deployments } from './deployments.ts';
import type { EmbeddedCloudError } from './errors.ts';
import { CodeStore } from './lambda/code-store.ts';
import { type Disorder, disordered, IN_ORDER } from './lambda/disorder.ts';
import type { InvocationEvent } from './lambda/event-source.ts';
import type { WorkerStatus } from './lambda/function-pool.ts';
import type { LogLine } from './lambda/function-worker.ts';
import type { Isolation } from './lambda/isolate.ts';
import { RunningFunctions } from './lambda/running-functions.ts';
import { type DataLayout, explainingDataErrors, prepareDataDirectory } from './services/data-directory.ts';
import { DataHealth } from './services/data-health.ts';
import { listen, type RequestHandler, routeRequests } from './services/endpoint.ts';
import { ACCOUNT_ID, openQueuesAndBuckets, type QueuesAndBuckets } from './services/queues-and-buckets.ts';
import { openTables, type Tables } from './services/tables.ts';
import type { Ignored } from './template/ignored.ts';
import type { Place } from './template/resource-types.ts';
import type { PhysicalResource } from './template/stack-scope.ts';

export interface EmbeddedCloudOptions {
  /** A synthesized CDK app, usually `cdk.out`, to deploy at the start. @default none: the cloud starts empty */
  readonly assemblyDirectory?: string;
  /** Whose app that is, see {@link EmbeddedCloud.deploy}. @default 'app' */
  readonly owner?: string;
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
  /**
   * Called once, if the data directory can no longer be written to: the disk is full, for one. Every request is answered with that
   * error from then on, and no message is received. Stop the cloud and tell the reader. @default nothing
   */
  onFailure?(error: EmbeddedCloudError): void;
  /** Every invocation, when it has ended. @default nothing */
  onInvocation?(event: InvocationEvent): void;
}

export interface DeployOptions {
  /** A synthesized CDK app. It is read until `deploy` has resolved, and may be removed or overwritten afterwards. */
  readonly assemblyDirectory: string;
  /** Whose stacks they are, e.g. the project's directory. @default 'app' */
  readonly owner?: string;
}

/**
 * AWS on this machine, as far as the synthesized templates of CDK apps need it: creates their queues, tables, buckets and topics,
 * and runs their queue-fed functions with Lambda's semantics behind one endpoint that AWS SDKs and the AWS CLI can use.
 * What it promises and what not: docs/embedded-cloud.md.
 *
 * @example
 * const cloud = await EmbeddedCloud.start({ assemblyDirectory: 'cdk.out', port: 0 });
 * const sqs = new SQSClient({ endpoint: cloud.endpoint, region: cloud.region });
 * const { updated } = await cloud.deploy({ assemblyDirectory: 'cdk.out.next' });
 * await cloud.stop();
 */
export class EmbeddedCloud {
  /** e.g. `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly region: string;
  readonly #deployments: Deployments;
  readonly #functions: RunningFunctions;
  readonly #resources: AsyncDisposableStack;
  #stopped: Promise<void> | undefined;

  /**
   * @throws PortInUseError; DataDirectoryInUseError, DataDirectoryUnusableError, DataDirectoryDamagedError; and what `deploy` throws of
   *   `assemblyDirectory`
   */
  static async start(options: EmbeddedCloudOptions = {}): Promise<EmbeddedCloud> {
    const behaviour = options.disorder === undefined ? IN_ORDER : disordered(options.disorder);
    // Queue URLs name the port, so that is taken first; early requests wait until all is there.
    const ready = Promise.withResolvers<RequestHandler>();
    ready.promise.catch(() => undefined);
    const { server, endpoint } = await listen(options.port ?? 4566, (request, response) => {
      ready.promise.then(
        (handle) => handle(request, response),
        () => response.destroy(),
      );
    });
    const resources = new AsyncDisposableStack();
    resources.defer(() => closeServer(server));
    try {
      const place: Place = { endpoint, region: options.region ?? process.env.AWS_REGION ?? 'us-east-1', accountId: ACCOUNT_ID };
      const temporaryDirectory = await mkdtemp(join(tmpdir(), 'posthorn-cloud-'));
      resources.defer(() => rm(temporaryDirectory, { recursive: true, force: true }));
      const { dataDirectory } = options;
      const health = new DataHealth(dataDirectory ?? temporaryDirectory, (error) => options.onFailure?.(error));
      // Tables are on disk without a data directory, too: as objects they take three times the memory.
      const layout =
        dataDirectory === undefined ? { tables: join(temporaryDirectory, 'tables') } : await prepareDataDirectory(dataDirectory);
      const { stores, tables } = await openBackEnds(place, health, resources, layout);
      // Before the stores that it asks.
      resources.defer(() => closeServer(server));
      const functions = new RunningFunctions({
        place,
        source: stores,
        code: new CodeStore(join(temporaryDirectory, 'code')),
        isolation: options.isolation ?? 'thread',
        behaviour,
        log: (line) => options.onLog?.(line),
        onInvocation: (event) => options.onInvocation?.(event),
      });
      resources.defer(() => functions.stop(options.stopGraceSeconds ?? 5));
      resources.defer(() => stores.sqsStore.shutdown());
      const deployments = new Deployments({ place, stores, tables, functions });
      const { assemblyDirectory, owner = DEFAULT_OWNER } = options;
      if (assemblyDirectory !== undefined) await deployments.deploy(assemblyDirectory, owner);
      const handler = routeRequests(tables, stores);
      server.removeAllListeners('request').on('request', handler);
      ready.resolve(handler);
      return new EmbeddedCloud(place, deployments, functions, resources);
    } catch (error) {
      ready.reject(error);
      await resources.disposeAsync();
      throw error;
    }
  }

  private constructor(place: Place, deployments: Deployments, functions: RunningFunctions, resources: AsyncDisposableStack) {
    this.endpoint = place.endpoint;
    this.region = place.region;
    this.#deployments = deployments;
    this.#functions = functions;
    this.#resources = resources;
  }

  /** What is deployed, in all stacks: what was created, and the functions that run. */
  get resources(): readonly PhysicalResource[] {
    return this.#deployments.resources.map(({ properties, ...resource }) => resource);
  }

  /** What of the templates has no effect here; `ignoredLine` puts it in one line. */
  get ignored(): readonly Ignored[] {
    return this.#deployments.ignored;
  }

  /**
   * Brings an owner's stacks in line with an assembly while everything runs. Stacks of other owners are not touched; their exports and
   * queues may be used.
   *
   * A function whose code or configuration changed is replaced: every invocation that begins afterwards is the new version's, those
   * that run end on the old one. Mappings change in place. What is no longer in the assembly stops and is in the report; queues,
   * tables and buckets stay, with what they hold.
   *
   * @throws UnsupportedTemplateError, StackConflictError, TableChangedError: nothing has changed then
   * @example const { created, updated, removed } = await cloud.deploy({ assemblyDirectory: 'cdk.out.2', owner: process.cwd() });
   */
  async deploy({ assemblyDirectory, owner = DEFAULT_OWNER }: DeployOptions): Promise<DeploymentReport> {
    if (this.#stopped !== undefined) throw new Error('The embedded cloud was stopped: nothing can be deployed to it');
    return this.#deployments.deploy(assemblyDirectory, owner);
  }

  /** The workers that are alive; in `process` isolation each has a pid of its own. */
  workers(): readonly WorkerStatus[] {
    return this.#functions.statuses();
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
    await this.#deployments.idle();
    await this.#resources.disposeAsync();
  }
}

const DEFAULT_OWNER = 'app';

async function openBackEnds(
  { region, accountId, endpoint }: Place,
  health: DataHealth,
  resources: AsyncDisposableStack,
  layout: Partial<DataLayout> & Pick<DataLayout, 'tables'>,
): Promise<{ readonly stores: QueuesAndBuckets; readonly tables: Tables }> {
  return explainingDataErrors(health.directory, async () => {
    // First, because LevelDB's lock is what tells a second embedded cloud on the same directory.
    const onError = (error: unknown) => health.report(error);
    const tables = await openTables({ region, accountId, onError, path: layout.tables });
    resources.defer(() => tables.close());
    const stores = await openQueuesAndBuckets({
      endpoint,
      region,
      health,
      ...(layout.queues === undefined ? {} : { directory: layout.queues }),
    });
    resources.defer(() => stores.close());
    return { stores, tables };
  });
}

function closeServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}
