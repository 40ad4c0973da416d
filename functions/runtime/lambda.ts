/**
 * The runtime on AWS Lambda. Only the entry of an agent's function needs it.
 *
 * @packageDocumentation
 */

export { lambdaHandler } from './aws/lambda-handler.ts';
