/** An HTTP answer of an API. */
export interface ApiAnswer {
  readonly status: number;
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** An answer of API Gateway itself. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
export function gatewayAnswer(status: number, errorType: string, message: string): ApiAnswer {
  const headers = ['Content-Type', 'application/json', 'x-amzn-ErrorType', errorType];
  return { status, headers, body: Buffer.from(JSON.stringify({ message })) };
}

export const FORBIDDEN = gatewayAnswer(403, 'ForbiddenException', 'Forbidden');
export const NO_SUCH_METHOD = gatewayAnswer(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
export const TOO_LARGE = gatewayAnswer(413, 'RequestTooLargeException', 'Request Too Long');
/** API Gateway answers a function's failure so, too: its reason is in the log only. */
export const MALFORMED_ANSWER = gatewayAnswer(502, 'InternalServerErrorException', 'Internal server error');
export const INTERNAL_ERROR = gatewayAnswer(500, 'InternalServerErrorException', 'Internal server error');
export const TIMED_OUT = gatewayAnswer(504, 'GatewayTimeoutException', 'Endpoint request timed out');
