import { CfnOutput, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LogGroupLogDestination,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { edgeLogGroupName, edgeName, type MeshName } from '../../events/names.ts';

/** How many requests the mesh's REST API takes; above that it answers 429. */
export interface EdgeLimits {
  /** Requests each second, on average. @default 20 */
  readonly requestsPerSecond?: number | undefined;
  /** Requests at once. @default 40 */
  readonly burst?: number | undefined;
}

export interface EdgeProps extends EdgeLimits {
  readonly mesh: MeshName;
  /** A period that CloudWatch Logs offers. @default 90 */
  readonly logRetentionDays?: number;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The mesh's REST API: one for all its services, each of which adds its routes. Every method asks for a signature by IAM.
 *
 * @see docs/adr/0020-one-rest-api.md
 */
export class Edge extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    const { mesh, requestsPerSecond = 20, burst = 40, logRetentionDays = 90, removalPolicy } = props;
    const accessLog = new LogGroup(this, 'AccessLog', { logGroupName: edgeLogGroupName(mesh), retention: logRetentionDays, removalPolicy });
    this.api = new RestApi(this, 'Api', {
      restApiName: edgeName(mesh),
      description: `Posthorn (${mesh.stage}): the services of the mesh`,
      endpointTypes: [EndpointType.REGIONAL],
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
      // Without this role, which is a setting of the account, API Gateway writes no log.
      cloudWatchRole: true,
      deployOptions: {
        stageName: mesh.stage,
        throttlingRateLimit: requestsPerSecond,
        throttlingBurstLimit: burst,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: ACCESS_LOG_FORMAT,
      },
    });
    this.#output();
    this.#acknowledge();
  }

  /** The API's own output has a name that changes with the template. */
  #output(): void {
    this.api.node.tryRemoveChild('Endpoint');
    new CfnOutput(this, 'Url', { value: this.api.url, description: 'The REST API of the mesh, which asks for a signature by IAM' });
  }

  #acknowledge(): void {
    Validations.of(this.api).acknowledge(
      { id: 'AwsSolutions::AwsSolutions-APIG2', reason: 'No route takes a body, and the services validate paths and queries themselves.' },
      {
        id: 'AwsSolutions::AwsSolutions-APIG3',
        reason: 'A caller needs a signature by IAM, and the stage is throttled. A team may add a WAF.',
      },
      {
        id: 'AwsSolutions::AwsSolutions-APIG6',
        reason: 'Execution logs have no retention and may have what a request holds. The access log has neither.',
      },
      {
        id: 'AwsSolutions::AwsSolutions-COG4',
        reason: 'Callers are roles: operators and Prometheus. They sign by IAM, and have no user pool.',
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
const ACCESS_LOG_FORMAT = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    method: AccessLogField.contextHttpMethod(),
    route: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    bytes: AccessLogField.contextResponseLength(),
    milliseconds: AccessLogField.contextResponseLatency(),
    caller: AccessLogField.contextIdentityUserArn(),
    sourceIp: AccessLogField.contextIdentitySourceIp(),
  }),
);
