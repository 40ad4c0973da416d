import { devNull } from 'node:os';
import type { Credentials } from '../services/identities.ts';
import type { DeployedFunction } from '../template/deployed.ts';
import type { Place } from '../template/resource-types.ts';

/**
 * The variables that Lambda sets, with an endpoint for this machine only, and its role's credentials there. A function sees nothing of the developer's own AWS
 * configuration.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function functionEnvironment(
  deployed: DeployedFunction,
  place: Place,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Readonly<Record<string, string>> {
  const { logging } = deployed;
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: process.env.PATH ?? '',
    ...deployed.environment,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_ENDPOINT_URL: place.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: deployed.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: logging.format,
    ...(logging.format === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: logging.level }),
    AWS_LAMBDA_LOG_GROUP_NAME: logging.group,
    LAMBDA_TASK_ROOT: deployed.codeDirectory,
    _HANDLER: deployed.handler,
  };
}
