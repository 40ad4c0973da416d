import { z } from 'zod';
import type { EventSources, MappingStatus } from '../../lambda/event-sources.ts';
import type { Place } from '../../template/resource-types.ts';
import { functionReference } from './function-reference.ts';
import { type LambdaAnswer, lambdaError } from './lambda-answer.ts';

const listSchema = z.object({
  EventSourceArn: z.string().optional(),
  FunctionName: z.string().optional(),
  Marker: z.string().optional(),
  MaxItems: z.coerce.number().int().min(1).max(10_000).default(100),
});
const updateSchema = z.record(z.string(), z.unknown());
const enabledSchema = z.boolean('Enabled must be true or false').optional();

/** Lambda's ListEventSourceMappings. @param query the request's parameters */
export function listMappings(query: URLSearchParams, sources: EventSources, place: Place): LambdaAnswer {
  const parsed = listSchema.safeParse(Object.fromEntries(query));
  if (!parsed.success) return lambdaError('InvalidParameterValueException', z.prettifyError(parsed.error));
  const { EventSourceArn, FunctionName, Marker, MaxItems } = parsed.data;
  const name = FunctionName === undefined ? undefined : functionReference(FunctionName, undefined);
  const found = sources
    .list()
    .filter(({ mapping }) => EventSourceArn === undefined || mapping.queueArn === EventSourceArn)
    .filter(({ mapping }) => FunctionName === undefined || mapping.function.name === name);
  const after = Marker === undefined ? '' : Buffer.from(Marker, 'base64url').toString();
  if (after !== '' && sources.get(after) === undefined) return lambdaError('InvalidParameterValueException', 'The Marker is not valid');
  const rest = found.filter(({ uuid }) => uuid > after);
  const page = rest.slice(0, MaxItems);
  const last = page.at(-1);
  const isCut = rest.length > page.length && last !== undefined;
  return answer(200, {
    EventSourceMappings: page.map((status) => described(status, place)),
    ...(isCut && { NextMarker: Buffer.from(last.uuid).toString('base64url') }),
  });
}

/** Lambda's GetEventSourceMapping. */
export function getMapping(uuid: string, sources: EventSources, place: Place): LambdaAnswer {
  const status = sources.get(uuid);
  return status === undefined ? notFound() : answer(200, described(status, place));
}

/** Lambda's UpdateEventSourceMapping, which switches a mapping here. A deployment changes the rest. */
export function updateMapping(uuid: string, body: unknown, sources: EventSources, place: Place): LambdaAnswer {
  const status = sources.get(uuid);
  if (status === undefined) return notFound();
  const { Enabled, FunctionName, UUID, ...others } = updateSchema.catch({}).parse(body);
  const other = Object.keys(others)[0];
  if (other !== undefined) {
    return lambdaError(
      'InvalidParameterValueException',
      `The embedded cloud changes only Enabled, not ${other}: deploy a template with it`,
    );
  }
  if (FunctionName !== undefined && functionReference(String(FunctionName), undefined) !== status.mapping.function.name) {
    return lambdaError(
      'InvalidParameterValueException',
      'The embedded cloud changes only Enabled, not FunctionName: deploy a template with it',
    );
  }
  const parsed = enabledSchema.safeParse(Enabled);
  if (!parsed.success) return lambdaError('InvalidParameterValueException', z.prettifyError(parsed.error));
  const updated = parsed.data === undefined ? status : sources.enable(uuid, parsed.data);
  return updated === undefined ? notFound() : answer(202, described(updated, place));
}

function described({ uuid, mapping, state, modifiedEpochMs }: MappingStatus, { region, accountId }: Place): object {
  return {
    UUID: uuid,
    EventSourceMappingArn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`,
    EventSourceArn: mapping.queueArn,
    FunctionArn: mapping.function.arn,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    FunctionResponseTypes: mapping.reportsBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    ScalingConfig: { MaximumConcurrency: mapping.maxConcurrency },
    State: state,
    StateTransitionReason: 'USER_INITIATED',
    LastModified: modifiedEpochMs / 1000,
  };
}

function notFound(): LambdaAnswer {
  return lambdaError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
}

function answer(status: number, body: object): LambdaAnswer {
  return { status, body: JSON.stringify(body) };
}
