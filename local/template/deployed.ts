import type { Logging } from '../lambda/log-lines.ts';

/** A function that a queue feeds. */
export interface DeployedFunction {
  readonly name: string;
  readonly arn: string;
  /** Its role, under whose session it makes requests. */
  readonly roleArn: string;
  /** The directory of the bundled code. */
  readonly codeDirectory: string;
  /** The asset's object key, which identifies its content. */
  readonly codeKey: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logging: Logging;
}

/** An event source mapping. */
export interface DeployedMapping {
  readonly queueName: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly function: DeployedFunction;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maxConcurrency: number;
  readonly reportsBatchItemFailures: boolean;
}
