import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PortInUseError } from '../errors.ts';
import { batchExecuteStatement, TableKeys } from './batch-execute-statement.ts';
import type { App } from './queues-and-buckets.ts';
import { type TableAnswer, type Tables, tableError } from './tables.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const TABLE_TARGET = /^DynamoDB_20120810\.(\w+)$/;
const MAX_TABLE_REQUEST_BYTES = 16 * 1024 * 1024;
/** Longer than any SDK keeps an idle connection, so that none meets one that is just being closed. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Listens on 127.0.0.1 only.
 *
 * @param port 0 for any free one
 * @throws PortInUseError
 */
export async function listen(port: number, handler: RequestHandler): Promise<{ readonly server: Server; readonly endpoint: string }> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new PortInUseError(port, error) : error));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The endpoint has no port');
  return { server, endpoint: `http://127.0.0.1:${address.port}` };
}

/** One endpoint for every service and region: DynamoDB by its target header, everything else is fauxqs'. */
export function routeRequests(tables: Tables, app: App): RequestHandler {
  const keys = new TableKeys(tables);
  return (request, response) => {
    const operation = TABLE_TARGET.exec(String(request.headers['x-amz-target'] ?? ''))?.[1];
    if (operation === undefined) {
      // From it fauxqs takes the client's region, where it would find nothing: what there is lives in one region.
      delete request.headers.authorization;
      app.routing(request, response);
    } else answerTableRequest(operation, tables, keys, request, response);
  };
}

function answerTableRequest(operation: string, tables: Tables, keys: TableKeys, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_TABLE_REQUEST_BYTES) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes > MAX_TABLE_REQUEST_BYTES) {
      send(response, tableError('SerializationException', 'The request is larger than 16 MiB', 413));
      return;
    }
    executeTableRequest(operation, tables, keys, Buffer.concat(chunks)).then(
      (answer) => send(response, answer),
      (error: unknown) => send(response, tableError('InternalServerError', String(error), 500)),
    );
  });
  // A client that goes away gets no answer, and needs none.
  request.on('error', () => response.destroy());
}

async function executeTableRequest(operation: string, tables: Tables, keys: TableKeys, body: Buffer): Promise<TableAnswer> {
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8'));
  } catch {
    return tableError('SerializationException', 'The request is not JSON');
  }
  if (operation === 'BatchExecuteStatement') return batchExecuteStatement(tables, keys, input);
  if (operation === 'DeleteTable') keys.forgetAll();
  return tables.execute(operation, input);
}

function send(response: ServerResponse, { status, body }: TableAnswer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(text);
}
