import { CfnOutput, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LogGroupLogDestination,
  type MethodOptions,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { edgeLogGroupName, edgeName, type MeshName } from '../../events/names.ts';
import { EdgeAuthorizer } from './edge-authorizer.ts';

/** How many requests the mesh's REST API takes; above that it answers 429. */
export interface EdgeLimits {
  /** Requests each second, on average. @default 20 */
  readonly requestsPerSecond?: number | undefined;
  /** Requests at once. @default 40 */
  readonly burst?: number | undefined;
}

/**
 * How the mesh's REST API authenticates requests: by a signature of IAM (`iam`), or by a token of an issuer of the policy (`jwt`).
 *
 * @see docs/security.md
 */
export type EdgeAuthentication = 'iam' | 'jwt';

export interface EdgeProps extends EdgeLimits {
  readonly mesh: MeshName;
  readonly authentication: EdgeAuthentication;
  readonly registry: Pick<ITable, 'tableArn' | 'tableName'>;
  /** A period that CloudWatch Logs offers. @default 90 */
  readonly logRetentionDays?: number;
  readonly removalPolicy: RemovalPolicy;
  readonly retainState: boolean;
}

/**
 * The mesh's REST API: one for all its services, each of which adds its routes. Every method asks for a signature by IAM, or for a token.
 *
 * @see docs/adr/0020-one-rest-api.md
 */
export class Edge extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    const { mesh, authentication, requestsPerSecond = 20, burst = 40, logRetentionDays = 90, removalPolicy } = props;
    const authorizer = authentication === 'jwt' ? new EdgeAuthorizer(this, 'Authorizer', props) : undefined;
    const words = authorizer === undefined ? BY_SIGNATURE : BY_TOKEN;
    const accessLog = new LogGroup(this, 'AccessLog', { logGroupName: edgeLogGroupName(mesh), retention: logRetentionDays, removalPolicy });
    this.api = new RestApi(this, 'Api', {
      restApiName: edgeName(mesh),
      description: `Posthorn (${mesh.stage}): the services of the mesh`,
      endpointTypes: [EndpointType.REGIONAL],
      defaultMethodOptions: methodOptions(authorizer),
      // Without this role, which is a setting of the account, API Gateway writes no log.
      cloudWatchRole: true,
      deployOptions: {
        stageName: mesh.stage,
        throttlingRateLimit: requestsPerSecond,
        throttlingBurstLimit: burst,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: accessLogFormat(words.caller),
      },
    });
    authorizer?.addResponses(this.api);
    this.#output(words.output);
    this.#acknowledge(words);
  }

  /** The API's own output has a name that changes with the template. */
  #output(description: string): void {
    this.api.node.tryRemoveChild('Endpoint');
    new CfnOutput(this, 'Url', { value: this.api.url, description });
  }

  #acknowledge({ isNoStranger, noUserPool }: Words): void {
    Validations.of(this.api).acknowledge(
      { id: 'AwsSolutions::AwsSolutions-APIG2', reason: 'No route takes a body, and the services validate paths and queries themselves.' },
      {
        id: 'AwsSolutions::AwsSolutions-APIG3',
        reason: `${isNoStranger}, and the stage is throttled. A team may add a WAF.`,
      },
      {
        id: 'AwsSolutions::AwsSolutions-APIG6',
        reason: 'Execution logs have no retention and may have what a request holds. The access log has neither.',
      },
      {
        id: 'AwsSolutions::AwsSolutions-COG4',
        reason: noUserPool,
      },
      {
        id: 'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: 'The role belongs to the account: API Gateway writes the logs of all its APIs with it, as its documentation says.',
      },
      {
        id: 'Serverless::Serverless-APIGWXrayEnabled',
        reason:
          'The services read a table and answer. The access log has the time of each request; X-Ray would charge for a trace of each.',
      },
    );
  }
}

/** The route and never the path or the query, which may have what a caller typed; and no header. */
const accessLogFormat = (caller: string): AccessLogFormat =>
  AccessLogFormat.custom(
    JSON.stringify({
      requestId: AccessLogField.contextRequestId(),
      time: AccessLogField.contextRequestTime(),
      method: AccessLogField.contextHttpMethod(),
      route: AccessLogField.contextResourcePath(),
      status: AccessLogField.contextStatus(),
      bytes: AccessLogField.contextResponseLength(),
      milliseconds: AccessLogField.contextResponseLatency(),
      caller,
      sourceIp: AccessLogField.contextIdentitySourceIp(),
    }),
  );

const methodOptions = (edge: EdgeAuthorizer | undefined): MethodOptions =>
  edge === undefined
    ? { authorizationType: AuthorizationType.IAM }
    : { authorizationType: AuthorizationType.CUSTOM, authorizer: edge.authorizer };

/** What differs between the two ways to authenticate a request, in words. */
interface Words {
  /** The variable of the access log that says who asked. */
  readonly caller: string;
  readonly output: string;
  readonly isNoStranger: string;
  readonly noUserPool: string;
}

const BY_SIGNATURE: Words = {
  caller: AccessLogField.contextIdentityUserArn(),
  output: 'The REST API of the mesh, which asks for a signature by IAM',
  isNoStranger: 'A caller needs a signature by IAM',
  noUserPool: 'Callers are roles: operators and Prometheus. They sign by IAM, and have no user pool.',
};

const BY_TOKEN: Words = {
  caller: AccessLogField.contextAuthorizerPrincipalId(),
  output: 'The REST API of the mesh, which asks for a token of an issuer of the policy',
  isNoStranger: 'A caller needs a token of an issuer that the policy names',
  noUserPool: 'Callers have tokens of the issuers that the policy names. One of these may be a user pool.',
};
