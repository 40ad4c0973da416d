export { lambdaHandler } from './aws/lambda-handler.ts';
