import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './read-body.ts';

/** An HTTP answer in AWS's JSON protocol. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a request in AWS's JSON protocol, and answers with the result of `execute`. */
export function answerJson(
  request: IncomingMessage,
  response: ServerResponse,
  execute: (input: unknown) => Promise<JsonAnswer> | JsonAnswer,
): void {
  readBody(request, MAX_BYTES).then(
    (body) => {
      if (body === undefined) {
        sendJson(response, jsonError('SerializationException', 'The request is larger than 16 MiB', 413));
        return;
      }
      executeText(body.toString('utf8'), execute).then(
        (answer) => sendJson(response, answer),
        (error: unknown) => sendJson(response, jsonError('InternalServerError', String(error), 500)),
      );
    },
    // The client has closed the connection, so it needs no answer.
    () => response.destroy(),
  );
}

async function executeText(text: string, execute: (input: unknown) => Promise<JsonAnswer> | JsonAnswer): Promise<JsonAnswer> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return jsonError('SerializationException', 'The request is not JSON');
  }
  return execute(input);
}

/** @param type e.g. `ValidationException` */
export function jsonError(type: string, message: string, status = 400): JsonAnswer {
  return { status, body: { __type: type, message }, headers: { 'x-amzn-errortype': type } };
}

export function sendJson(response: ServerResponse, { status, body, headers }: JsonAnswer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(text);
}
