import { z } from 'zod';
import { UnsupportedTemplateError } from '../errors.ts';
import type { Assembly, Stack } from './assembly.ts';
import { checkFunction, checkMapping } from './aws-limits.ts';
import type { DeployedMapping } from './deployed.ts';
import { deployedFunction } from './deployed-function.ts';
import { deployedParameter, isParameter } from './deployed-parameter.ts';
import { type Ignored, IgnoredParts } from './ignored.ts';
import { checkImports } from './imports.ts';
import { holds, resolveIntrinsics, type Scope } from './intrinsics.ts';
import type { PlannedResource } from './planned-resource.ts';
import { EVENT_SOURCE_MAPPING, type Place, RESOURCE_TYPES, SUPPORTED_MAPPING_PROPERTIES } from './resource-types.ts';
import { StackScopes } from './stack-scope.ts';

/** CloudFormation also accepts numbers and booleans as strings. */
const number = z.coerce.number();
const boolean = z.union([z.boolean(), z.stringbool()]);

const queueSchema = z.object({ VisibilityTimeout: number.default(30) });

const mappingSchema = z.object({
  FunctionName: z.string(),
  EventSourceArn: z.string().default(''),
  BatchSize: number.default(10),
  MaximumBatchingWindowInSeconds: number.default(0),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: number.optional() }).default({}),
  Enabled: boolean.default(true),
});

/** The resources of an assembly that have an effect here. */
export interface Deployment {
  /** The resources to create, and the functions to run. */
  readonly resources: readonly PlannedResource[];
  readonly mappings: readonly DeployedMapping[];
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

/** Concurrent invocations of a mapping that sets no maximum; AWS starts with five pollers and then scales. */
export const DEFAULT_CONCURRENCY = 5;

const FUNCTION = 'AWS::Lambda::Function';

interface Found {
  readonly stack: Stack;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * Reads the resources to create and the functions to run from the templates. Creates nothing.
 *
 * @param elsewhere stacks of other apps, whose exports and queues this one may use
 * @throws UnsupportedTemplateError if a queue-fed function needs something that the embedded cloud does not support or AWS would refuse
 */
export function planDeployment(assembly: Assembly, place: Place, elsewhere = NO_OTHER_DEPLOYMENTS): Deployment {
  const scopes = new StackScopes(assembly, place, elsewhere.exported);
  checkImports(assembly, scopes);
  const ignored = new IgnoredParts();
  const found = findSupported(assembly, scopes, ignored);
  const plan = ({ stack, logicalId, properties }: Found): PlannedResource => ({
    ...scopes.physical(stack, logicalId),
    properties: resolveProperties(properties, `${stack.name}/${logicalId}`, scopes.of(stack)),
  });

  const stores = found.filter(({ type }) => type !== FUNCTION && type !== EVENT_SOURCE_MAPPING).map(plan);
  for (const store of stores) if (isParameter(store)) deployedParameter(store);
  // Functions without a queue (e.g. custom resources) are not resolved: they may use unsupported properties.
  const functions = found.filter(({ type }) => type === FUNCTION);
  const running = new Map<string, PlannedResource>();
  const mappings: DeployedMapping[] = [];
  for (const source of found.filter(({ type }) => type === EVENT_SOURCE_MAPPING)) {
    const where = `${source.stack.name}/${source.logicalId}`;
    const mapping = mappingSchema.parse(resolveProperties(source.properties, where, scopes.of(source.stack)));
    const isSource = ({ type, arn }: PlannedResource) => type === 'AWS::SQS::Queue' && arn === mapping.EventSourceArn;
    const queue = stores.find(isSource) ?? elsewhere.queue(mapping.EventSourceArn);
    if (queue === undefined) {
      ignored.add(EVENT_SOURCE_MAPPING);
      continue;
    }
    const target = functions.find((candidate) => {
      const { physicalName, arn } = scopes.physical(candidate.stack, candidate.logicalId);
      return mapping.FunctionName === physicalName || mapping.FunctionName === arn;
    });
    if (target === undefined) throw new UnsupportedTemplateError(`${where} feeds ${mapping.FunctionName}, which is not in the app`);
    const planned = plan(target);
    running.set(planned.arn, planned);
    if (!mapping.Enabled) continue;
    const deployed: DeployedMapping = {
      queueName: queue.physicalName,
      queueArn: queue.arn,
      queueUrl: queue.ref,
      function: deployedFunction(planned, assembly, place),
      batchSize: mapping.BatchSize,
      windowSeconds: mapping.MaximumBatchingWindowInSeconds,
      maxConcurrency: mapping.ScalingConfig.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
      reportsBatchItemFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    };
    checkFunction(deployed.function, `${target.stack.name}/${target.logicalId}`);
    checkMapping(deployed, queueSchema.parse(queue.properties).VisibilityTimeout, where);
    mappings.push(deployed);
  }
  for (const { stack, logicalId } of functions) if (!running.has(scopes.physical(stack, logicalId).arn)) ignored.add(FUNCTION);
  return {
    resources: [...stores, ...running.values()],
    mappings,
    ignored: ignored.list(),
    stackNames: assembly.stacks.map(({ name }) => name),
    exported: (name) => scopes.exported(name),
  };
}

function findSupported(assembly: Assembly, scopes: StackScopes, ignored: IgnoredParts): readonly Found[] {
  const found: Found[] = [];
  for (const stack of assembly.stacks) {
    const scope = scopes.of(stack);
    for (const [logicalId, { Type: type, Condition, Properties }] of Object.entries(stack.template.Resources)) {
      if (Condition !== undefined && !holds({ Condition }, scope)) continue;
      const honoured = type === EVENT_SOURCE_MAPPING ? SUPPORTED_MAPPING_PROPERTIES : RESOURCE_TYPES[type]?.honoured;
      if (honoured === undefined) {
        ignored.add(type);
        continue;
      }
      for (const name of Object.keys(Properties)) if (!honoured.includes(name)) ignored.add(type, name);
      const properties = Object.fromEntries(Object.entries(Properties).filter(([name]) => honoured.includes(name)));
      found.push({ stack, logicalId, type, properties });
    }
  }
  return found;
}

function resolveProperties(properties: Readonly<Record<string, unknown>>, where: string, scope: Scope): Readonly<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(resolveIntrinsics(properties, scope));
  } catch (cause) {
    throw new UnsupportedTemplateError(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
