import { z } from 'zod';
import { UnsupportedTemplateError } from '../errors.ts';
import {
  API_AUTHORIZER,
  API_DEPLOYMENT,
  API_METHOD,
  API_RESOURCE,
  API_STAGE,
  GATEWAY_RESPONSE,
  REST_API,
  rootResourceId,
} from './api-types.ts';
import type { ApiAuthorizer, ApiMethod, ApiStage, DeployedApi } from './deployed-api.ts';
import { type FoundResource, placeOf, planResource } from './find-resources.ts';
import type { IgnoredParts } from './ignored.ts';
import { invokedFunction } from './invoked-function.ts';
import { planAuthorizers } from './plan-authorizers.ts';
import { planGatewayResponses } from './plan-gateway-responses.ts';
import type { PlannedFunctions } from './planned-functions.ts';
import type { PlannedResource } from './planned-resource.ts';
import type { StackScopes } from './stack-scope.ts';

/** CloudFormation also accepts numbers as strings. */
const number = z.coerce.number();

const restApiSchema = z.object({ Name: z.string().optional(), BinaryMediaTypes: z.array(z.string()).default([]) });
const partSchema = z.looseObject({ RestApiId: z.string() });
const resourceSchema = z.object({ ParentId: z.string(), PathPart: z.string() });
const stageSchema = z.object({ StageName: z.string().optional(), Variables: z.record(z.string(), z.coerce.string()).default({}) });
const methodSchema = z.object({
  HttpMethod: z.string(),
  ResourceId: z.string(),
  AuthorizationType: z.string().default('NONE'),
  AuthorizerId: z.string().default(''),
  Integration: z.looseObject({ Type: z.string(), Uri: z.string().default(''), TimeoutInMillis: number.default(29_000) }).optional(),
});
const authorizationSchema = z.enum(['NONE', 'AWS_IAM', 'CUSTOM']);

/** Without effect here or on AWS, where the method is always POST. */
const INTEGRATION_PROPERTIES: readonly string[] = ['Type', 'Uri', 'TimeoutInMillis', 'IntegrationHttpMethod'];

export interface ApiPlan {
  readonly scopes: StackScopes;
  readonly ignored: IgnoredParts;
  readonly functions: PlannedFunctions;
}

export interface PlannedApi {
  /** Its properties are those of all parts, so that a changed method counts as a changed API. */
  readonly resource: PlannedResource;
  readonly deployed: DeployedApi;
}

/** A resource, deployment, method, stage, authorizer or answer of an API. */
interface Part {
  readonly found: FoundResource;
  readonly planned: PlannedResource;
  readonly restApiId: string;
}

/**
 * Plans the REST APIs of an app. Their deployments are not snapshots: a stage always has the methods of the template.
 *
 * @throws UnsupportedTemplateError if the function of a method or an authorizer is not in the app or cannot run here
 */
export function planApis(found: readonly FoundResource[], plan: ApiPlan): readonly PlannedApi[] {
  const parts = found
    .filter(({ type }) => type !== REST_API)
    .map((part) => {
      const planned = planResource(part, plan.scopes);
      return { found: part, planned, restApiId: partSchema.parse(planned.properties).RestApiId };
    });
  const apis = found.filter(({ type }) => type === REST_API).map((api) => planResource(api, plan.scopes));
  for (const part of parts) if (!apis.some(({ physicalName }) => physicalName === part.restApiId)) plan.ignored.add(part.found.type);
  return apis.map((resource) => {
    const own = parts.filter(({ restApiId }) => restApiId === resource.physicalName);
    return { resource: { ...resource, properties: contentOf(resource, own) }, deployed: deployedApi(resource, own, plan) };
  });
}

function deployedApi(resource: PlannedResource, parts: readonly Part[], plan: ApiPlan): DeployedApi {
  const { physicalName: id, stackName, logicalId } = resource;
  const { Name = logicalId, BinaryMediaTypes } = restApiSchema.parse(resource.properties);
  const ofType = (type: string) => parts.filter(({ found }) => found.type === type);
  const paths = resourcePaths(id, ofType(API_RESOURCE));
  const authorizers = planAuthorizers(ofType(API_AUTHORIZER), plan);
  return {
    ...{ id, name: Name, stackName, logicalId },
    binaryMediaTypes: BinaryMediaTypes,
    stages: [...ofType(API_STAGE), ...ofType(API_DEPLOYMENT)].flatMap((stage) => apiStage(stage) ?? []),
    methods: ofType(API_METHOD).flatMap((method) => apiMethod(method, { paths, authorizers }, plan) ?? []),
    gatewayResponses: planGatewayResponses(ofType(GATEWAY_RESPONSE), plan.ignored),
  };
}

/** A deployment may have a stage of its own. */
function apiStage({ planned }: Part): ApiStage | undefined {
  const { StageName: name, Variables: variables } = stageSchema.parse(planned.properties);
  return name === undefined ? undefined : { name, variables };
}

interface Around {
  /** @returns the path of a resource by its id */
  paths(id: string): string;
  readonly authorizers: ReadonlyMap<string, ApiAuthorizer>;
}

/** @returns `undefined` for a method that no function answers by proxy integration, or that another service authorizes */
function apiMethod({ found, planned }: Part, { paths, authorizers }: Around, { ignored, functions }: ApiPlan): ApiMethod | undefined {
  const { HttpMethod, ResourceId, AuthorizationType, AuthorizerId, Integration } = methodSchema.parse(planned.properties);
  const authorization = authorizationSchema.safeParse(AuthorizationType).data;
  const authorizer = authorization === 'CUSTOM' ? authorizers.get(AuthorizerId) : undefined;
  const isUnknown = authorization === undefined || (authorization === 'CUSTOM' && authorizer === undefined);
  const arn = invokedFunction(Integration?.Uri ?? '');
  if (Integration?.Type !== 'AWS_PROXY' || arn === undefined || isUnknown) {
    ignored.add(API_METHOD);
    return undefined;
  }
  for (const name of Object.keys(Integration)) if (!INTEGRATION_PROPERTIES.includes(name)) ignored.add(API_METHOD, `Integration.${name}`);
  const target = functions.find(arn);
  if (target === undefined) throw new UnsupportedTemplateError(`${placeOf(found)} invokes ${arn}, which is not in the app`);
  return {
    ...{ httpMethod: HttpMethod, path: paths(ResourceId), resourceId: ResourceId, authorization },
    ...(authorizer !== undefined && { authorizer }),
    timeoutMs: Integration.TimeoutInMillis,
    function: functions.run(target),
  };
}

/** @returns the path of a resource by its id */
function resourcePaths(restApiId: string, resources: readonly Part[]): (id: string) => string {
  const byId = new Map(resources.map(({ planned }) => [planned.physicalName, resourceSchema.parse(planned.properties)]));
  const below = (id: string): string => {
    if (id === rootResourceId(restApiId)) return '';
    const resource = byId.get(id);
    if (resource === undefined) throw new UnsupportedTemplateError(`The API ${restApiId} has no resource ${id}: create it in the same app`);
    return `${below(resource.ParentId)}/${resource.PathPart}`;
  };
  return (id) => below(id) || '/';
}

function contentOf({ properties }: PlannedResource, parts: readonly Part[]): PlannedResource['properties'] {
  const isOf = (type: string) => (part: Part) => part.found.type === type;
  const content = (type: string) => parts.filter(isOf(type)).map(({ planned }) => planned.properties);
  return {
    ...properties,
    Methods: content(API_METHOD),
    Resources: content(API_RESOURCE),
    Authorizers: content(API_AUTHORIZER),
    GatewayResponses: content(GATEWAY_RESPONSE),
    Stages: content(API_STAGE).map(withoutDeployment),
  };
}

/** CDK gives each deployment an id of its own. */
function withoutDeployment({ DeploymentId, ...stage }: PlannedResource['properties']): object {
  return stage;
}
