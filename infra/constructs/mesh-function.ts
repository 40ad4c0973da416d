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
import { functionName, logGroupName } from '../../events/names.ts';
import { removalPolicyOf, type Settings } from '../config.ts';
import { bundleFunction } from './bundle-function.ts';

/** Lambda's limit. */
const MAX_DESCRIPTION_CHARACTERS = 256;

export interface MeshFunctionProps {
  readonly settings: Settings;
  /** The agent's or the mesh service's id: names the function and its log group. */
  readonly functionId: string;
  /** Of any length; Lambda shows its beginning. */
  readonly description: string;
  /** Absolute path of the module that exports `handler`. */
  readonly entry: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** A function as every function of the mesh is: one place for runtime, bundling, logging and a role that may only log. */
export class MeshFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: MeshFunctionProps) {
    super(scope, id);
    const { settings, functionId } = props;

    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: logGroupName(settings, functionId),
      retention: settings.logRetentionDays,
      removalPolicy: removalPolicyOf(settings),
    });
    // A role of its own instead of AWSLambdaBasicExecutionRole, which may write to every log group of the account.
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.role.addToPolicy(
      new PolicyStatement({ sid: 'Log', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
    );
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: functionName(settings, functionId),
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
      applicationLogLevelV2: ApplicationLogLevel[settings.logLevel],
      environment: {
        ...props.environment,
        POWERTOOLS_LOG_LEVEL: settings.logLevel,
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
          'It concerns asynchronous invocations, of which there are none: failures stay in the queue, whose redrive policy is the backstop.',
      },
    );
  }
}

const shortened = (text: string): string =>
  text.length <= MAX_DESCRIPTION_CHARACTERS ? text : `${text.slice(0, MAX_DESCRIPTION_CHARACTERS - 1)}…`;

/** Bundled by esbuild in this process. CDK takes the hash of the output, and moves it into the assembly. */
const bundled = (entry: string): Code =>
  Code.fromAsset(dirname(entry), {
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
