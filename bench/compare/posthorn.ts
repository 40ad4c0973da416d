import { lambdaHandler } from '../../functions/runtime/aws/lambda-handler.ts';
import agent from './relay-agent.ts';

export const handler = lambdaHandler(agent);
