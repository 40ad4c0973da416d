import { lambdaHandler } from 'posthorn/lambda';
import agent from './agent.ts';

export const handler = lambdaHandler(agent);
