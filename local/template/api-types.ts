import { createHash } from 'node:crypto';
import type { ResourceType } from './resource-type.ts';

export const REST_API = 'AWS::ApiGateway::RestApi';
export const API_RESOURCE = 'AWS::ApiGateway::Resource';
export const API_METHOD = 'AWS::ApiGateway::Method';
export const API_DEPLOYMENT = 'AWS::ApiGateway::Deployment';
export const API_STAGE = 'AWS::ApiGateway::Stage';
export const API_AUTHORIZER = 'AWS::ApiGateway::Authorizer';
export const GATEWAY_RESPONSE = 'AWS::ApiGateway::GatewayResponse';

/** An id as API Gateway gives them. It is the same at every start. */
function apiId(of: string): string {
  const number = BigInt(`0x${createHash('sha256').update(of).digest('hex')}`);
  return number.toString(36).padStart(10, '0').slice(-10);
}

/** A part of a REST API: CloudFormation knows it by its id. */
function part(honoured: readonly string[], attribute?: string): ResourceType {
  return {
    generate: apiId,
    maxNameLength: 10,
    honoured,
    arn: (id, { region }) => `arn:aws:apigateway:${region}::/${id}`,
    ref: (id) => id,
    attributes: (id) => (attribute === undefined ? {} : { [attribute]: id }),
  };
}

/** The types of API Gateway that have an effect here. */
export const API_TYPES: Readonly<Record<string, ResourceType>> = {
  [REST_API]: {
    ...part(['Name', 'BinaryMediaTypes']),
    arn: (id, { region }) => `arn:aws:apigateway:${region}::/restapis/${id}`,
    attributes: (id) => ({ RestApiId: id, RootResourceId: rootResourceId(id) }),
  },
  [API_RESOURCE]: part(['RestApiId', 'ParentId', 'PathPart'], 'ResourceId'),
  [API_METHOD]: part(['RestApiId', 'ResourceId', 'HttpMethod', 'AuthorizationType', 'AuthorizerId', 'Integration']),
  [API_AUTHORIZER]: part(
    [
      ...['RestApiId', 'Name', 'Type', 'AuthorizerUri'],
      ...['IdentitySource', 'IdentityValidationExpression', 'AuthorizerResultTtlInSeconds'],
    ],
    'AuthorizerId',
  ),
  [GATEWAY_RESPONSE]: part(['RestApiId', 'ResponseType', 'StatusCode', 'ResponseParameters', 'ResponseTemplates'], 'Id'),
  [API_DEPLOYMENT]: part(['RestApiId', 'StageName'], 'DeploymentId'),
  [API_STAGE]: { ...part(['RestApiId', 'DeploymentId', 'StageName', 'Variables']), nameProperty: 'StageName', maxNameLength: 128 },
};

/** The id of the resource `/`. */
export function rootResourceId(restApiId: string): string {
  return apiId(`${restApiId}/`);
}
