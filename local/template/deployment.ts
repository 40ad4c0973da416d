import { API_TYPES } from './api-types.ts';
import type { Assembly } from './assembly.ts';
import type { DeployedMapping, DeployedRule } from './deployed.ts';
import type { DeployedApi } from './deployed-api.ts';
import { deployedParameter, isParameter } from './deployed-parameter.ts';
import { findResources, planResource } from './find-resources.ts';
import { type Ignored, IgnoredParts } from './ignored.ts';
import { checkImports } from './imports.ts';
import { planApis } from './plan-apis.ts';
import { planMapping } from './plan-mapping.ts';
import { planRule } from './plan-rule.ts';
import { PlannedFunctions } from './planned-functions.ts';
import type { PlannedResource } from './planned-resource.ts';
import { EVENT_RULE, EVENT_SOURCE_MAPPING, FUNCTION, type Place } from './resource-types.ts';
import { StackScopes } from './stack-scope.ts';

/** The resources of an assembly that have an effect here. */
export interface Deployment {
  /** The resources to create, and the functions to run. */
  readonly resources: readonly PlannedResource[];
  readonly mappings: readonly DeployedMapping[];
  /** Those that are enabled. */
  readonly rules: readonly DeployedRule[];
  readonly apis: readonly DeployedApi[];
  readonly ignored: readonly Ignored[];
  readonly stackNames: readonly string[];
  /** The value that a stack exports under a name; `undefined` if no stack does. */
  exported(name: string): { readonly value: unknown } | undefined;
}

/** The exports and queues of other apps. */
export interface OtherDeployments {
  exported(name: string): { readonly value: unknown } | undefined;
  queue(arn: string): PlannedResource | undefined;
}

const NO_OTHER_DEPLOYMENTS: OtherDeployments = { exported: () => undefined, queue: () => undefined };

/** Types that are planned after the others, because they refer to them. */
const FEEDING: readonly string[] = [FUNCTION, EVENT_SOURCE_MAPPING, EVENT_RULE, ...Object.keys(API_TYPES)];

/**
 * Reads the resources to create and the functions to run from the templates. Creates nothing.
 *
 * @param elsewhere stacks of other apps, whose exports and queues this one may use
 * @throws UnsupportedTemplateError if a function that a queue, a rule or an API feeds needs something that the embedded cloud does not support or AWS
 *   would refuse
 */
export function planDeployment(assembly: Assembly, place: Place, elsewhere = NO_OTHER_DEPLOYMENTS): Deployment {
  const scopes = new StackScopes(assembly, place, elsewhere.exported);
  checkImports(assembly, scopes);
  const ignored = new IgnoredParts();
  const found = findResources(assembly, scopes, ignored);
  const ofType = (wanted: string) => found.filter(({ type }) => type === wanted);
  const stores = found.filter(({ type }) => !FEEDING.includes(type)).map((resource) => planResource(resource, scopes));
  for (const store of stores) if (isParameter(store)) deployedParameter(store);

  const functions = new PlannedFunctions(ofType(FUNCTION), assembly, scopes, place);
  const queue = (arn: string) => stores.find((store) => store.type === 'AWS::SQS::Queue' && store.arn === arn) ?? elsewhere.queue(arn);
  const mappings = ofType(EVENT_SOURCE_MAPPING).flatMap((source) => planMapping(source, { scopes, ignored, functions, queue }) ?? []);
  const rules = ofType(EVENT_RULE).flatMap((rule) => planRule(rule, { scopes, ignored, functions }) ?? []);
  const apis = planApis(
    found.filter(({ type }) => type in API_TYPES),
    { scopes, ignored, functions },
  );
  if (functions.unfed > 0) ignored.add(FUNCTION, undefined, functions.unfed);
  return {
    resources: [...stores, ...functions.fed, ...[...rules, ...apis].map(({ resource }) => resource)],
    mappings,
    rules: rules.flatMap(({ deployed }) => deployed ?? []),
    apis: apis.map(({ deployed }) => deployed),
    ignored: ignored.list(),
    stackNames: assembly.stacks.map(({ name }) => name),
    exported: (name) => scopes.exported(name),
  };
}
