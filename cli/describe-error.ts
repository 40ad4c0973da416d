import type { Settings } from './settings.ts';

/** What a failure looks like on the terminal: what went wrong, and where it is known, what to do about it. */
export interface Explanation {
  readonly message: string;
  readonly remedy: string | undefined;
}

/**
 * Says in a person's words what an error of the network, the AWS SDK or the file system means here.
 *
 * @returns `undefined` for an error of none of these: a bug, which is owed its stack
 */
export function explainError(error: unknown, { endpointUrl, stage }: Pick<Settings, 'endpointUrl' | 'stage'>): Explanation | undefined {
  if (!(error instanceof Error)) return undefined;
  const [first] = error instanceof AggregateError && !('code' in error) ? error.errors : [];
  if (first !== undefined) return explainError(first, { endpointUrl, stage });
  if ('remedy' in error && (typeof error.remedy === 'string' || error.remedy === undefined)) {
    return { message: error.message, remedy: error.remedy };
  }
  if (error.name === 'AbortError') return { message: 'interrupted', remedy: undefined };
  const where = endpointUrl ?? 'AWS';
  const code = codeOf(error);
  if (UNREACHABLE.has(code)) {
    return {
      message: `cannot reach ${where} (${code})`,
      remedy:
        endpointUrl === undefined
          ? 'Check the network and --region; for the mesh on this machine give --endpoint-url http://127.0.0.1:4566.'
          : "Start the mesh on this machine with 'npx posthorn dev' (or npm start), or give the right --endpoint-url.",
    };
  }
  if (error.name === 'CredentialsProviderError') {
    return {
      message: 'no AWS credentials',
      remedy: 'Set AWS_PROFILE or sign in (aws login); for the mesh on this machine give --endpoint-url http://127.0.0.1:4566.',
    };
  }
  if (error.message === 'Region is missing') {
    return {
      message: 'no AWS region',
      remedy:
        'Give --region, e.g. --region eu-central-1, or set AWS_REGION; for the mesh on this machine give --endpoint-url http://127.0.0.1:4566.',
    };
  }
  if (error.name === 'NoSuchBucket') {
    return {
      message: `stage '${stage}' has no content bucket at ${where}: ${error.message}`,
      remedy: 'Deploy the stacks, or check --stage, --region and --endpoint-url.',
    };
  }
  if (isAwsFault(error)) return { message: `${where} answered ${error.name}: ${error.message}`, remedy: undefined };
  if (FILE_ERRORS.has(code)) return { message: error.message, remedy: undefined };
  return undefined;
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

const isAwsFault = (error: Error): boolean => '$fault' in error;

/** Whether trying other messages makes sense after this error: not when nobody is there, or nobody lets us in. */
export function isFatal(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (!isAwsFault(error)) return true;
  return /^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|AccessDenied.*|InvalidClientTokenId|UnrecognizedClientException|ExpiredToken.*|SignatureDoesNotMatch|NoSuchBucket)$/.test(
    error.name,
  );
}
