import { lambdaHandler } from '../../../functions/runtime/aws/lambda-handler.ts';
import agent from './agent.ts';

export const handler = lambdaHandler(agent);
