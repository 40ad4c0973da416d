import { isDeepStrictEqual } from 'node:util';
import type { DeployedFunction, DeployedMapping } from './deployed.ts';
import type { Deployment } from './deployment.ts';
import type { PlannedResource } from './planned-resource.ts';

/** The differences between a list and an earlier one. Items in none of the three are the same in both. */
export interface Changes<Item> {
  readonly created: readonly Item[];
  /** The current items. */
  readonly updated: readonly Item[];
  /** The earlier items. */
  readonly removed: readonly Item[];
}

/** The changes of a deployment. */
export interface DeploymentChanges {
  readonly resources: Changes<PlannedResource>;
  readonly functions: Changes<DeployedFunction>;
  /** A mapping also counts as updated if its function is updated. */
  readonly mappings: Changes<DeployedMapping>;
}

/** The parts of a deployment that are compared. */
type Compared = Pick<Deployment, 'resources' | 'mappings' | 'rules' | 'apis'>;

export const NOTHING_DEPLOYED: Compared = { resources: [], mappings: [], rules: [], apis: [] };

/** Compares two deployments of one owner. Assets are compared by key, not by path. */
export function deploymentChanges(before: Compared, after: Compared): DeploymentChanges {
  return {
    resources: changes(before.resources, after.resources, resourceIdentity, ({ properties }) => properties),
    functions: changes(functionsOf(before), functionsOf(after), ({ arn }) => arn, functionContent),
    mappings: changes(before.mappings, after.mappings, mappingIdentity, (mapping) => ({
      ...mapping,
      function: functionContent(mapping.function),
    })),
  };
}

/** The names of the resources that a deployment updates: a function counts if its mapping changes. */
export function updatedNames({ resources, mappings }: DeploymentChanges): readonly string[] {
  const isNewOrGone = new Set([...resources.created, ...resources.removed].map(({ arn }) => arn));
  const fed = [...mappings.created, ...mappings.updated, ...mappings.removed].map(({ function: { name, arn } }) => ({
    physicalName: name,
    arn,
  }));
  const updated = [...resources.updated, ...fed].filter(({ arn }) => !isNewOrGone.has(arn));
  return [...new Map(updated.map(({ arn, physicalName }) => [arn, physicalName])).values()];
}

/** A key that is unique over all deployed resources: a queue and a topic of one name are two resources. */
export function resourceIdentity({ type, physicalName }: Pick<PlannedResource, 'type' | 'physicalName'>): string {
  return `${type} ${physicalName}`;
}

/** As on AWS, a queue feeds a function by one mapping. */
export function mappingIdentity({ queueArn, function: { arn } }: DeployedMapping): string {
  return `${queueArn} ${arn}`;
}

function functionContent({ codeDirectory, ...content }: DeployedFunction): object {
  return content;
}

/** The functions that a deployment runs. */
export function functionsOf({ mappings, rules, apis }: Pick<Deployment, 'mappings' | 'rules' | 'apis'>): readonly DeployedFunction[] {
  const methods = apis.flatMap((api) => api.methods);
  const fed = [
    ...mappings,
    ...rules.flatMap(({ targets }) => targets),
    ...methods,
    ...methods.flatMap(({ authorizer }) => authorizer ?? []),
  ];
  return [...new Map(fed.map(({ function: deployed }) => [deployed.arn, deployed])).values()];
}

function changes<Item>(
  before: readonly Item[],
  after: readonly Item[],
  identity: (item: Item) => string,
  content: (item: Item) => unknown,
): Changes<Item> {
  const old = new Map(before.map((item) => [identity(item), item]));
  const created: Item[] = [];
  const updated: Item[] = [];
  for (const item of after) {
    const key = identity(item);
    const previous = old.get(key);
    if (previous === undefined) created.push(item);
    else if (!isDeepStrictEqual(content(previous), content(item))) updated.push(item);
    old.delete(key);
  }
  return { created, updated, removed: [...old.values()] };
}
