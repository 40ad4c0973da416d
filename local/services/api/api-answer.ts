/** An HTTP answer of an API. */
export interface ApiAnswer {
  readonly status: number;
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/**
 * A request that API Gateway answers itself.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export interface Fault {
  /** The type of its gateway response. Absent if only the default of its status can replace its answer. */
  readonly responseType?: string;
  readonly status: number;
  /** For the header `x-amzn-ErrorType`. */
  readonly errorType: string;
  readonly message: string | null;
  /** The name of the message in the body. @default message */
  readonly member?: 'Message';
}

const fault = (status: number, errorType: string, message: string | null, rest: Pick<Fault, 'responseType' | 'member'> = {}): Fault => ({
  ...{ status, errorType, message },
  ...rest,
});

const NOT_AUTHORIZED = 'User is not authorized to access this resource';
const denied = (message: string): Fault =>
  fault(403, 'AccessDeniedException', message, { responseType: 'ACCESS_DENIED', member: 'Message' });

export const FORBIDDEN = fault(403, 'ForbiddenException', 'Forbidden');
export const NO_SUCH_METHOD = fault(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token', {
  responseType: 'MISSING_AUTHENTICATION_TOKEN',
});
export const TOO_LARGE = fault(413, 'RequestTooLargeException', 'Request Too Long', { responseType: 'REQUEST_TOO_LARGE' });
/** API Gateway answers a function's failure so, too: its reason is in the log only. */
export const MALFORMED_ANSWER = fault(502, 'InternalServerErrorException', 'Internal server error');
export const INTERNAL_ERROR = fault(500, 'InternalServerErrorException', 'Internal server error');
export const TIMED_OUT = fault(504, 'GatewayTimeoutException', 'Endpoint request timed out', { responseType: 'INTEGRATION_TIMEOUT' });
export const UNAUTHORIZED = fault(401, 'UnauthorizedException', 'Unauthorized', { responseType: 'UNAUTHORIZED' });
/** The authorizer's policy has no statement for the request, or one that denies it. */
export const NOT_ALLOWED = denied(NOT_AUTHORIZED);
export const DENIED = denied(`${NOT_AUTHORIZED} with an explicit deny`);
/** The authorizer failed: its function threw, took too long, or is not there. */
export const AUTHORIZER_FAILED = fault(500, 'AuthorizerFailureException', null, { responseType: 'AUTHORIZER_FAILURE' });
/** The authorizer's answer has another form. */
export const AUTHORIZER_MISCONFIGURED = fault(500, 'AuthorizerConfigurationException', null, {
  responseType: 'AUTHORIZER_CONFIGURATION_ERROR',
});
