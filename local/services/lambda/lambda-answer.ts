import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** An HTTP answer of Lambda's API. */
export interface LambdaAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text; absent for an answer without a body. */
  readonly body?: string;
}

/** @param code e.g. `ResourceNotFoundException` */
export function lambdaError(code: string, message: string, status = 400): LambdaAnswer {
  return {
    status,
    headers: { 'x-amzn-errortype': code },
    body: JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message }),
  };
}

export function sendLambdaAnswer(response: ServerResponse, { status, headers, body = '' }: LambdaAnswer): void {
  response.writeHead(status, {
    'x-amzn-requestid': randomUUID(),
    ...(status !== 204 && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...headers,
  });
  response.end(body);
}
