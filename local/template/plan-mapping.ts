import { z } from 'zod';
import { UnsupportedTemplateError } from '../errors.ts';
import { checkMapping } from './aws-limits.ts';
import type { DeployedMapping } from './deployed.ts';
import { type FoundResource, placeOf, resolvedProperties } from './find-resources.ts';
import type { IgnoredParts } from './ignored.ts';
import type { PlannedFunctions } from './planned-functions.ts';
import type { PlannedResource } from './planned-resource.ts';
import { EVENT_SOURCE_MAPPING } from './resource-types.ts';
import type { StackScopes } from './stack-scope.ts';

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

/** Concurrent invocations of a mapping that sets no maximum; AWS starts with five pollers and then scales. */
const DEFAULT_CONCURRENCY = 5;

export interface MappingPlan {
  readonly scopes: StackScopes;
  readonly ignored: IgnoredParts;
  readonly functions: PlannedFunctions;
  queue(arn: string): PlannedResource | undefined;
}

/**
 * @returns `undefined` for a mapping whose source is no queue
 * @throws UnsupportedTemplateError if its function is not in the app, or AWS would refuse it
 */
export function planMapping(
  source: FoundResource,
  { scopes, ignored, functions, queue: findQueue }: MappingPlan,
): DeployedMapping | undefined {
  const mapping = mappingSchema.parse(resolvedProperties(source, scopes));
  const queue = findQueue(mapping.EventSourceArn);
  if (queue === undefined) {
    ignored.add(EVENT_SOURCE_MAPPING);
    return undefined;
  }
  const target = functions.find(mapping.FunctionName);
  if (target === undefined) {
    throw new UnsupportedTemplateError(`${placeOf(source)} feeds ${mapping.FunctionName}, which is not in the app`);
  }
  const deployed: DeployedMapping = {
    enabled: mapping.Enabled,
    queueName: queue.physicalName,
    queueArn: queue.arn,
    queueUrl: queue.ref,
    function: functions.run(target),
    batchSize: mapping.BatchSize,
    windowSeconds: mapping.MaximumBatchingWindowInSeconds,
    maxConcurrency: mapping.ScalingConfig.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
    reportsBatchItemFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
  };
  checkMapping(deployed, queueSchema.parse(queue.properties).VisibilityTimeout, placeOf(source));
  return deployed;
}
