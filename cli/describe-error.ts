import { MeshClientError } from '../client/errors.ts';
import { connectionFailure } from '../functions/runtime/failure/connection-failure.ts';
import type { Settings } from './settings.ts';

/** A failure as the CLI prints it: the problem, and the remedy if one is known. */
export interface ErrorDescription {
  readonly message: string;
  readonly remedy: string | undefined;
}

const LOCAL_MESH = 'for the mesh on this machine give --endpoint-url http://127.0.0.1:4566.';

/** Remedies that name the CLI's options. The client's own remedies do not. */
const REMEDIES: Readonly<Record<string, string>> = {
  NoAgents: 'Deploy the stacks, or check --stage, --prefix, --region and --endpoint-url.',
  MissingTable: 'Deploy the stacks of this version, or check --stage, --prefix, --region and --endpoint-url.',
  MissingQueue: 'Give the region of the deployment: --region, or AWS_REGION. If the region is right, deploy the stacks again.',
};

/**
 * Describes an error of the command, the mesh, the network, the AWS SDK or the file system.
 *
 * @returns `undefined` for any other error: a bug, whose stack must be shown
 */
export function describeError(error: unknown, settings: Pick<Settings, 'endpoint' | 'stage'>): ErrorDescription | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError && !('code' in error) && error.errors[0] !== undefined)
    return describeError(error.errors[0], settings);
  if (error instanceof MeshClientError) return { message: error.message, remedy: REMEDIES[error.code] ?? error.remedy };
  // Errors of the commands and of the embedded cloud.
  if ('remedy' in error && (typeof error.remedy === 'string' || error.remedy === undefined))
    return { message: error.message, remedy: error.remedy };
  if (error.name === 'AbortError') return { message: 'interrupted', remedy: undefined };
  return describeAwsError(error, settings) ?? (FILE_ERRORS.has(codeOf(error)) ? { message: error.message, remedy: undefined } : undefined);
}

function describeAwsError(error: Error, { endpoint, stage }: Pick<Settings, 'endpoint' | 'stage'>): ErrorDescription | undefined {
  // Without credentials and query.
  const where = endpoint === undefined ? 'AWS' : (URL.parse(endpoint)?.origin ?? '--endpoint-url');
  if (UNREACHABLE.has(codeOf(error))) {
    return {
      message: `cannot reach ${where} (${connectionFailure(error) ?? codeOf(error)})`,
      remedy:
        endpoint === undefined
          ? `Check the network and --region; ${LOCAL_MESH}`
          : "Start the mesh on this machine with 'npx posthorn dev' (or npm start), or give the right --endpoint-url.",
    };
  }
  if (error.name === 'CredentialsProviderError')
    return { message: 'no AWS credentials', remedy: `Set AWS_PROFILE or sign in (aws login); ${LOCAL_MESH}` };
  if (error.message === 'Region is missing')
    return { message: 'no AWS region', remedy: `Give --region, e.g. --region eu-central-1, or set AWS_REGION; ${LOCAL_MESH}` };
  if (error.name === 'NoSuchBucket') {
    return {
      message: `stage '${stage}' has no content bucket at ${where}: ${error.message}`,
      remedy: 'Deploy the stacks, or check --stage, --region and --endpoint-url.',
    };
  }
  return '$fault' in error ? { message: `${where} answered ${error.name}: ${error.message}`, remedy: undefined } : undefined;
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'TimeoutError',
]);
const FILE_ERRORS = new Set(['ENOENT', 'EACCES', 'EISDIR', 'ENOSPC', 'EPERM', 'EROFS', 'ENOTDIR']);

/** Node's code of a system error; a connection tried on several addresses wraps one error for each. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  if (error.cause instanceof Error) return codeOf(error.cause);
  return error.name;
}
