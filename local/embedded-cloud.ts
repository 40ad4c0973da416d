import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeploymentReport, Deployments } from './deployments.ts';
import type { EmbeddedCloudError } from './errors.ts';
import { CodeStore } from './lambda/code-store.ts';
import { type Disorder, disordered, IN_ORDER } from './lambda/disorder.ts';
import { EventRules } from './lambda/event-rules.ts';
import type { InvocationEvent } from './lambda/event-source.ts';
import type { WorkerStatus } from './lambda/function-pool.ts';
import type { LogLine } from './lambda/function-worker.ts';
import type { Handler } from './lambda/invoke-handler.ts';
import { RunningFunctions } from './lambda/running-functions.ts';
import type { Isolation } from './lambda/start-isolate.ts';
import { type ApiAddress, RestApis } from './services/api/rest-apis.ts';
import { type DataLayout, prepareDataDirectory } from './services/data-directory.ts';
import { DataHealth } from './services/data-health.ts';
import { closeServer, listen, type RequestHandler, routeRequests } from './services/endpoint.ts';
import type { Credentials } from './services/identities.ts';
import { lambdaRoute } from './services/lambda/lambda-routes.ts';
import { MappingSwitches } from './services/mapping-switches.ts';
import { openServices } from './services/open-services.ts';
import { parameterEvent } from './services/parameter-event.ts';
import type { Parameters } from './services/parameters.ts';
import { ACCOUNT_ID } from './services/queues-and-buckets.ts';
import type { Ignored } from './template/ignored.ts';
import type { Place } from './template/resource-types.ts';
import type { PhysicalResource } from './template/stack-scope.ts';

export interface EmbeddedCloudOptions {
  /** A synthesized CDK app, usually `cdk.out`, to deploy at the start. @default none: the cloud starts empty */
  readonly assemblyDirectory?: string;
  /** The owner of that app, see {@link EmbeddedCloud.deploy}. @default 'app' */
  readonly owner?: string;
  /** The port on 127.0.0.1; 0 takes any free one. @default 4566 */
  readonly port?: number;
  /** The directory of queues, tables and content, which survive a kill -9. @default none: the data ends with the process */
  readonly dataDirectory?: string;
  /** Whether a function's worker is a thread or a process. @default 'thread' */
  readonly isolation?: Isolation;
  /** By function name: handlers to run in this process instead of the deployed code. @default none */
  readonly handlers?: ReadonlyMap<string, Handler>;
  /** @default the environment's AWS_REGION, otherwise us-east-1 */
  readonly region?: string;
  /** Duplicates and reorders messages of standard queues, as SQS may. @default each message once, in order */
  readonly disorder?: Disorder;
  /** By the name of an EventBridge rule: seconds between its invocations, in place of its schedule's rate. @default the rates */
  readonly rateSeconds?: Readonly<Record<string, number>>;
  /** How long `stop` waits for invocations in flight before it ends them. @default 5 */
  readonly stopGraceSeconds?: number;
  /** Called with every line that a function writes, and every platform line about it. @default nothing */
  onLog?(line: LogLine): void;
  /**
   * Called once, if the data directory can no longer be written to, e.g. because the disk is full. From then on every request gets
   * that error, and no message is received. Stop the cloud and report the error. @default nothing
   */
  onFailure?(error: EmbeddedCloudError): void;
  /** Called after every invocation. @default nothing */
  onInvocation?(event: InvocationEvent): void;
}

export interface DeployOptions {
  /** A synthesized CDK app. It is read until `deploy` has resolved, and may be removed or overwritten afterwards. */
  readonly assemblyDirectory: string;
  /** The owner of the stacks, e.g. the project's directory. @default 'app' */
  readonly owner?: string;
}

/**
 * AWS on this machine, as far as the synthesized templates of CDK apps need it. It creates their queues, tables, buckets and topics,
 * and runs their queue-fed functions with Lambda's semantics behind one endpoint for AWS SDKs and the AWS CLI.
 * docs/embedded-cloud.md lists what it promises and what it does not.
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
  readonly #parts: Parts;
  #stopped: Promise<void> | undefined;

  /**
   * @throws PortInUseError; DataDirectoryInUseError, DataDirectoryUnusableError, DataDirectoryDamagedError; and as `deploy`, for
   *   `assemblyDirectory`
   */
  static async start(options: EmbeddedCloudOptions = {}): Promise<EmbeddedCloud> {
    const behaviour = options.disorder === undefined ? IN_ORDER : disordered(options.disorder);
    // Queue URLs contain the port, so the port is opened first. Early requests wait until the services are ready.
    const ready = Promise.withResolvers<RequestHandler>();
    // `start` itself rejects with the error.
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
      // Tables are on disk even without a data directory: in memory they take three times as much.
      const layout: Partial<DataLayout> & Pick<DataLayout, 'tables'> =
        dataDirectory === undefined ? { tables: join(temporaryDirectory, 'tables') } : await prepareDataDirectory(dataDirectory);
      const services = await openServices(place, health, resources, layout);
      const { stores } = services;
      // Stopped before the stores that it uses.
      resources.defer(() => closeServer(server));
      const apis = new RestApis({
        ...{ place, health, identities: stores.identities },
        ...(options.port !== 0 && { firstPort: Number(new URL(endpoint).port) + API_PORT_DISTANCE }),
        invoke: (name, arn, event) => functions.invoke(name, arn, event),
        log: (line) => options.onLog?.(line),
      });
      // Like the endpoint, it is closed after the functions have answered.
      resources.defer(() => apis.stop());
      const functions = new RunningFunctions({
        place,
        source: stores,
        switches: new MappingSwitches({ health, ...(layout.mappings !== undefined && { file: layout.mappings }) }),
        identities: stores.identities,
        code: new CodeStore(join(temporaryDirectory, 'code')),
        isolation: options.isolation ?? 'thread',
        handlers: options.handlers ?? new Map(),
        behaviour,
        log: (line) => options.onLog?.(line),
        onInvocation: (event) => options.onInvocation?.(event),
      });
      resources.defer(() => functions.stop(options.stopGraceSeconds ?? 5));
      const rules = new EventRules(place, (invocation) => functions.invokeAsync(invocation), options.rateSeconds);
      services.parameters.listen((change) => rules.emit(parameterEvent(change, place)));
      resources.defer(() => rules.stop());
      resources.defer(() => stores.sqsStore.shutdown());
      const deployments = new Deployments({ ...services, functions, rules, apis });
      const { assemblyDirectory, owner = DEFAULT_OWNER } = options;
      if (assemblyDirectory !== undefined) await deployments.deploy(assemblyDirectory, owner);
      const handler = routeRequests(services, [lambdaRoute(functions, place), apis.route]);
      server.removeAllListeners('request').on('request', handler);
      ready.resolve(handler);
      return new EmbeddedCloud(place, { deployments, functions, apis, parameters: services.parameters, resources });
    } catch (error) {
      ready.reject(error);
      await resources.disposeAsync();
      throw error;
    }
  }

  private constructor({ endpoint, region }: Place, parts: Parts) {
    this.endpoint = endpoint;
    this.region = region;
    this.#parts = parts;
  }

  /** All deployed stacks: their resources and functions. */
  get resources(): readonly PhysicalResource[] {
    return this.#parts.deployments.resources.map(({ properties, ...resource }) => resource);
  }

  /** The parts of the templates that have no effect here; `ignoredLine` puts them into one line. */
  get ignored(): readonly Ignored[] {
    return this.#parts.deployments.ignored;
  }

  /**
   * Where the deployed REST APIs answer, in the order of their templates. The first has the endpoint's port plus 100 as its own, the next
   * the ones after it, and any free one if those are taken or the cloud was started with port 0.
   *
   * @example const [metrics] = cloud.apis.flatMap(({ stages }) => stages.map(({ url }) => `${url}metrics`));
   */
  get apis(): readonly ApiAddress[] {
    return this.#parts.apis.list();
  }

  /**
   * Updates an owner's stacks to an assembly while everything runs. It does not change the stacks of other owners; the assembly may use
   * their exports and queues.
   *
   * A function whose code or configuration has changed is replaced: later invocations run the new version, current ones end on the old
   * one. Mappings change in place. Functions that are no longer in the assembly stop, and the report names them. Queues, tables and
   * buckets stay, with their content.
   *
   * @throws UnsupportedTemplateError, StackConflictError, TableChangedError; then nothing has changed
   * @example const { created, updated, removed } = await cloud.deploy({ assemblyDirectory: 'cdk.out.2', owner: process.cwd() });
   */
  async deploy({ assemblyDirectory, owner = DEFAULT_OWNER }: DeployOptions): Promise<DeploymentReport> {
    if (this.#stopped !== undefined) throw new Error('The embedded cloud was stopped, so it takes no deployments: start another one');
    return this.#parts.deployments.deploy(assemblyDirectory, owner);
  }

  /** The credentials of a function: for its handler in this process (`handlers`), and for a test that acts as the function. */
  credentialsOf(functionName: string): Credentials {
    return this.#parts.deployments.credentialsOf(functionName);
  }

  /** Puts an SSM parameter, as its API would: a String, over one of that name. */
  putParameter(name: string, value: string): void {
    this.#parts.parameters.put({ name, value, type: 'String', tier: 'Standard' });
  }

  /** The workers that are alive; in `process` isolation each has a pid of its own. */
  workers(): readonly WorkerStatus[] {
    return this.#parts.functions.statuses();
  }

  /**
   * Stops receiving, waits for the invocations in flight (`stopGraceSeconds`), ends the workers and closes. Batches whose invocations it
   * had to end stay in flight until their visibility timeout, or until the next start on the same data.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.#parts.deployments.idle();
    await this.#parts.resources.disposeAsync();
  }
}

interface Parts {
  readonly deployments: Deployments;
  readonly functions: RunningFunctions;
  readonly apis: RestApis;
  readonly parameters: Parameters;
  readonly resources: AsyncDisposableStack;
}

const DEFAULT_OWNER = 'app';
/** From the endpoint's port to that of the first API: not the next one, which another embedded cloud may want. */
const API_PORT_DISTANCE = 100;
