import { UnsupportedTemplateError } from '../errors.ts';
import type { DeployedFunction, DeployedMapping } from './deployed.ts';

const MAX_ENVIRONMENT_BYTES = 4096;
const MIN_CONCURRENCY = 2;
const MAX_CONCURRENCY = 1000;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_MAX_CONCURRENCY',
  'AWS_LAMBDA_METADATA_API',
  'AWS_LAMBDA_METADATA_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

/**
 * Refuses a function that a deployment to AWS would refuse.
 *
 * @param where names the resource in the template
 * @throws UnsupportedTemplateError
 */
export function checkFunction({ name, environment }: DeployedFunction, where: string): void {
  const reserved = Object.keys(environment).filter((variable) => RESERVED_VARIABLES.has(variable));
  if (reserved.length > 0) {
    const names = reserved.join(', ');
    throw new UnsupportedTemplateError(`${where}: the environment of ${name} sets ${names}, which Lambda reserves. Choose other names`);
  }
  // Lambda measures the JSON text of the variables.
  const bytes = Buffer.byteLength(JSON.stringify(environment));
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    throw new UnsupportedTemplateError(
      `${where}: the environment of ${name} has ${bytes} bytes (as JSON); Lambda takes ${MAX_ENVIRONMENT_BYTES}. Move large values to S3, SSM or the bundle`,
    );
  }
}

/**
 * Refuses an event source mapping that a deployment to AWS would refuse.
 *
 * @param where names the resource in the template
 * @throws UnsupportedTemplateError
 */
export function checkMapping(mapping: DeployedMapping, visibilitySeconds: number, where: string): void {
  const { queueName, maxConcurrency } = mapping;
  const { name, timeoutSeconds } = mapping.function;
  if (visibilitySeconds < timeoutSeconds) {
    throw new UnsupportedTemplateError(
      `${where}: the visibility timeout of ${queueName} (${visibilitySeconds} s) is shorter than the timeout of ${name} (${timeoutSeconds} s). Make it at least as long; AWS recommends six times`,
    );
  }
  if (maxConcurrency < MIN_CONCURRENCY || maxConcurrency > MAX_CONCURRENCY) {
    throw new UnsupportedTemplateError(
      `${where}: the maximum concurrency of ${name} on ${queueName} is ${maxConcurrency}; Lambda takes ${MIN_CONCURRENCY} to ${MAX_CONCURRENCY}, or none`,
    );
  }
}
