/** How long the AWS clients wait, in milliseconds. A slower request has failed: the SDK repeats it, then the message is retried. */
export const REQUEST_LIMITS = {
  connectionTimeout: 2_000,
  /** From the request to the head of its answer. */
  requestTimeout: 5_000,
  /** Without a byte in either direction: a response whose body stalls is lost too. */
  socketTimeout: 5_000,
  throwOnRequestTimeout: true,
} as const;

/** Content may have tens of MB: its upload has more time, as long as it goes on. */
export const CONTENT_REQUEST_LIMITS = { ...REQUEST_LIMITS, requestTimeout: 20_000 } as const;
