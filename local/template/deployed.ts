import type { Logging } from '../lambda/log-lines.ts';
import type { EventPattern } from './event-pattern.ts';

/** A function that a queue, a rule or an API feeds, or that authorizes requests to an API. */
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
  /** Whether the template enables it. Lambda's API may switch it later. */
  readonly enabled: boolean;
  readonly queueName: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly function: DeployedFunction;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maxConcurrency: number;
  readonly reportsBatchItemFailures: boolean;
}

/** A rule of the default event bus. */
export interface DeployedRule {
  readonly name: string;
  readonly arn: string;
  /** The events that it passes on. */
  readonly pattern?: EventPattern;
  /** The period of its schedule. */
  readonly everyMs?: number;
  readonly targets: readonly RuleTarget[];
}

export interface RuleTarget {
  readonly id: string;
  readonly function: DeployedFunction;
  /** JSON text that the function gets instead of the event. */
  readonly input?: string;
}
