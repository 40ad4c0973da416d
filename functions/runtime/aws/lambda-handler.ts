import type { AgentDefinition } from '../agent/agent.ts';
import { agentHandler } from './agent-handler.ts';
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
export const lambdaHandler = (agent: AgentDefinition) => agentHandler(agent, readEnvironment(process.env));
