import type { AgentDefinition } from '../agent/agent.ts';
import { batchHandler } from '../batch/handle-batch.ts';
import { awsPorts, runtimeSettings } from './aws-ports.ts';
import { readEnvironment } from './environment.ts';

/**
 * The Lambda handler of an agent: the runtime on AWS, configured by the environment that the `Agent` construct sets.
 *
 * @throws Error at start, naming each variable of the environment that is missing or wrong
 * @example
 * ```ts
 * export const handler = lambdaHandler(agent);
 * ```
 */
export function lambdaHandler(agent: AgentDefinition) {
  const environment = readEnvironment(process.env);
  return batchHandler(agent, awsPorts(agent, environment), runtimeSettings(environment));
}
