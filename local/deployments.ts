import type { EventRules } from './lambda/event-rules.ts';
import type { RunningFunctions } from './lambda/running-functions.ts';
import type { RestApis } from './services/api/rest-apis.ts';
import { createResources } from './services/create-resources.ts';
import { createTable, missingTables } from './services/create-tables.ts';
import type { Credentials } from './services/identities.ts';
import type { Parameters } from './services/parameters.ts';
import type { QueuesAndBuckets } from './services/queues-and-buckets.ts';
import type { Tables } from './services/tables.ts';
import { readAssembly } from './template/assembly.ts';
import { isParameter } from './template/deployed-parameter.ts';
import { type Deployment, type OtherDeployments, planDeployment } from './template/deployment.ts';
import { deploymentChanges, functionsOf, NOTHING_DEPLOYED, updatedNames } from './template/deployment-changes.ts';
import { type Ignored, mergeIgnored } from './template/ignored.ts';
import { refuseConflicts } from './template/ownership.ts';
import type { PlannedResource } from './template/planned-resource.ts';
import { functionArn, type Place, roleArn } from './template/resource-types.ts';

/** The changes of a deployment, by the resources' names. */
export interface DeploymentReport {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  /** By stack: resources that are no longer in the app. Their functions have stopped, and their parameters are deleted; queues, tables and buckets stay. */
  readonly removed: readonly RemovedFromStack[];
  /** The parts of the app's templates that have no effect here. */
  readonly ignored: readonly Ignored[];
}

export interface RemovedFromStack {
  readonly stackName: string;
  readonly names: readonly string[];
  /** The queues among them, with the messages that each still holds: visible, delayed and in flight. */
  readonly queues: readonly { readonly name: string; readonly messages: number }[];
}

export interface DeploymentsOptions {
  readonly place: Place;
  readonly stores: QueuesAndBuckets;
  readonly tables: Tables;
  readonly parameters: Parameters;
  readonly functions: RunningFunctions;
  readonly rules: EventRules;
  readonly apis: RestApis;
}

/** The deployed apps, by owner. */
export class Deployments {
  readonly #options: DeploymentsOptions;
  readonly #byOwner = new Map<string, Deployment>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DeploymentsOptions) {
    this.#options = options;
  }

  get resources(): readonly PlannedResource[] {
    return [...this.#byOwner.values()].flatMap(({ resources }) => resources);
  }

  get ignored(): readonly Ignored[] {
    return mergeIgnored([...this.#byOwner.values()].map(({ ignored }) => ignored));
  }

  /** Also of a function that is not deployed yet, if its template will name no role. */
  credentialsOf(functionName: string): Credentials {
    const { place, stores } = this.#options;
    const functions = [...this.#byOwner.values()].flatMap(functionsOf);
    const deployed = functions.find(({ name }) => name === functionName);
    return stores.identities.ofFunction(
      deployed ?? { name: functionName, arn: functionArn(functionName, place), roleArn: roleArn(functionName, place) },
    );
  }

  /** Deployments run one at a time, in the order of the calls. */
  deploy(assemblyDirectory: string, owner: string): Promise<DeploymentReport> {
    const deployed = this.#last.then(() => this.#deploy(assemblyDirectory, owner));
    // The caller gets the error. It does not keep the next deployment from running.
    this.#last = deployed.catch(() => undefined);
    return deployed;
  }

  /** Resolves when no deployment is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #deploy(assemblyDirectory: string, owner: string): Promise<DeploymentReport> {
    const { place, stores, tables, parameters, functions, rules, apis } = this.#options;
    const deployment = planDeployment(await readAssembly(assemblyDirectory), place, this.#elsewhere(owner));
    refuseConflicts(owner, deployment, this.#others(owner));
    const newTables = await missingTables(deployment.resources, tables);
    const changes = deploymentChanges(this.#byOwner.get(owner) ?? NOTHING_DEPLOYED, deployment);
    // All checks are above this line, all changes below it.
    for (const table of newTables) await createTable(table, tables);
    rules.hold();
    try {
      createResources([...changes.resources.created, ...changes.resources.updated], stores, parameters);
      for (const resource of changes.resources.removed) if (isParameter(resource)) parameters.delete(resource.physicalName);
      for (const { queueName } of changes.mappings.created) stores.releaseHeld(queueName);
      await functions.bringInLine(changes);
      rules.deploy(owner, deployment.rules);
      await apis.deploy(owner, deployment.apis);
    } finally {
      rules.release();
    }
    this.#byOwner.set(owner, deployment);
    return {
      created: changes.resources.created.map(({ physicalName }) => physicalName),
      updated: updatedNames(changes),
      removed: this.#removed(changes.resources.removed),
      ignored: deployment.ignored,
    };
  }

  #removed(resources: readonly PlannedResource[]): readonly RemovedFromStack[] {
    return [...Map.groupBy(resources, ({ stackName }) => stackName)].map(([stackName, gone]) => ({
      stackName,
      names: gone.map(({ physicalName }) => physicalName),
      queues: gone
        .filter(({ type }) => type === 'AWS::SQS::Queue')
        .map(({ physicalName, arn }) => ({ name: physicalName, messages: this.#options.stores.depth(arn) })),
    }));
  }

  #others(owner: string): ReadonlyMap<string, Deployment> {
    return new Map([...this.#byOwner].filter(([other]) => other !== owner));
  }

  /** Looks exports up at each call: a deployment that held another one would hold all earlier ones in memory. */
  #elsewhere(owner: string): OtherDeployments {
    return {
      exported: (name) => firstOf(this.#others(owner), (other) => other.exported(name)),
      queue: (arn) => firstOf(this.#others(owner), ({ resources }) => resources.find((resource) => resource.arn === arn)),
    };
  }
}

function firstOf<Found>(
  deployments: ReadonlyMap<string, Deployment>,
  find: (deployment: Deployment) => Found | undefined,
): Found | undefined {
  for (const deployment of deployments.values()) {
    const found = find(deployment);
    if (found !== undefined) return found;
  }
  return undefined;
}
