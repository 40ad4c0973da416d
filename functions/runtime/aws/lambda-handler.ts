import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AgentDefinition } from '../agent/agent.ts';
import { batchHandler } from '../batch/handle-batch.ts';
import { awsPorts, runtimeSettings } from './aws-ports.ts';
import { readEnvironment } from './environment.ts';

/**
 * Makes the Lambda handler of an agent. The environment that the agent's construct sets configures it.
 *
 * @returns a handler for an SQS event source mapping with ReportBatchItemFailures; it reports failures and does not throw
 * @throws Error at start, naming each variable of the environment that is missing or wrong
 * @example
 * ```ts
 * import { lambdaHandler } from 'posthorn/lambda';
 * import agent from './agent.ts';
 *
 * export const handler = lambdaHandler(agent);
 * ```
 */
export function lambdaHandler(agent: AgentDefinition): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const environment = readEnvironment(process.env);
  return batchHandler(agent, awsPorts(agent, environment), runtimeSettings(agent, environment));
}
