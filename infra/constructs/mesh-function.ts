import { dirname } from 'node:path';
import { AssetHashType, DockerImage, Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { functionName, logGroupName, type MeshName } from '../../events/names.ts';
import { bundleFunction, type FunctionEntry } from './bundle-function.ts';
import { removalPolicyOf } from './removal-policy.ts';

/** Lambda's limit. */
const MAX_DESCRIPTION_CHARACTERS = 256;

export interface MeshFunctionProps {
  readonly mesh: MeshName;
  /** The id of the agent or service, which names the function and its log group. */
  readonly functionId: string;
  /** Any length; Lambda shows the beginning. */
  readonly description: string;
  readonly entry: FunctionEntry;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** @default 'INFO' */
  readonly logLevel?: LogLevel;
  /** A period that CloudWatch Logs offers. @default 90 */
  readonly logRetentionDays?: number;
  /** Keeps the log group when its stack is deleted. */
  readonly retainState: boolean;
}

/** The lowest log level of a function. */
export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** A function of the mesh: the one place for runtime, bundling, logging and a role that may only log. */
export class MeshFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: MeshFunctionProps) {
    super(scope, id);
    const { mesh, functionId, logLevel = 'INFO', logRetentionDays = 90 } = props;

    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: logGroupName(mesh, functionId),
      retention: logRetentionDays,
      removalPolicy: removalPolicyOf(props.retainState),
    });
    // Replaces AWSLambdaBasicExecutionRole, which may write to every log group of the account.
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.role.addToPolicy(
      new PolicyStatement({ sid: 'Log', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
    );
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: functionName(mesh, functionId),
      description: shortened(props.description),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundled(props.entry),
      role: this.role,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      // The envelope counts hops itself: docs/adr/0013-hops-are-counted-in-the-envelope.md
      recursiveLoop: RecursiveLoop.ALLOW,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[logLevel],
      environment: {
        ...props.environment,
        POWERTOOLS_LOG_LEVEL: logLevel,
        NODE_OPTIONS: '--enable-source-maps',
      },
    });
    Validations.of(this.lambda).acknowledge(
      {
        id: 'Serverless::Serverless-LambdaTracing',
        reason: 'The ledger has an index of journeys by trace id. X-Ray would charge for a trace per batch and need permissions on *.',
      },
      {
        id: 'Serverless::Serverless-LambdaDLQ',
        reason:
          "It concerns asynchronous invocations. An agent has none: failures stay in its queue. A service's schedule is its backstop.",
      },
    );
  }
}

const shortened = (text: string): string =>
  text.length <= MAX_DESCRIPTION_CHARACTERS ? text : `${text.slice(0, MAX_DESCRIPTION_CHARACTERS - 1)}…`;

/** esbuild bundles in this process. The CDK hashes the output and moves it into the assembly. */
const bundled = (entry: FunctionEntry): Code =>
  Code.fromAsset(typeof entry === 'string' ? dirname(entry) : entry.folder, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('never-used'),
      local: {
        tryBundle(outputFolder) {
          bundleFunction(entry, outputFolder);
          return true;
        },
      },
    },
  });
