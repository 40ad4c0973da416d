import { MeshClientError, NoTokenError, RegistryError } from './errors.ts';

const FATAL_FAULTS = new Set([
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'AccessDenied',
  'AccessDeniedException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'ExpiredToken',
  'ExpiredTokenException',
  'SignatureDoesNotMatch',
  'NoSuchBucket',
]);

/**
 * Whether the next message would meet the same error, because the endpoint cannot be reached or refuses the caller.
 *
 * @example
 * ```ts
 * const goesOn = (result: SendResult<unknown>): boolean => result.status !== 'failed' || !isFatal(result.error);
 * ```
 */
export function isFatal(error: unknown): boolean {
  if (error instanceof MeshClientError) return error instanceof NoTokenError || error instanceof RegistryError;
  if (!(error instanceof Error) || !('$fault' in error)) return true;
  return FATAL_FAULTS.has(error.name);
}
