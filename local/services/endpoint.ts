import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PortInUseError } from '../errors.ts';
import type { Place } from '../template/resource-types.ts';
import { batchExecuteStatement, TableKeys } from './batch-execute-statement.ts';
import type { DataHealth } from './data-health.ts';
import { answerJson, jsonError, sendJson } from './json-request.ts';
import { listDeadLetterSourceQueues } from './list-dead-letter-source-queues.ts';
import { missingService, missingServiceMessage } from './missing-service.ts';
import { executeOnParameters } from './parameter-requests.ts';
import type { Parameters } from './parameters.ts';
import { queryError } from './query-protocol.ts';
import type { QueuesAndBuckets } from './queues-and-buckets.ts';
import { refusal } from './refuse-request.ts';
import type { TableAnswer, Tables } from './tables.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const TABLE_TARGET = /^DynamoDB_20120810\.(\w+)$/;
const PARAMETER_TARGET = /^AmazonSSM\.(\w+)$/;
/** Longer than any SDK keeps an idle connection, so that no SDK sends on a connection that is closing. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Listens on 127.0.0.1 only.
 *
 * @param port 0 takes any free one
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

/** Ends the connections, too. */
export function closeServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/** The services behind the endpoint. */
export interface Services {
  readonly place: Place;
  readonly tables: Tables;
  readonly stores: QueuesAndBuckets;
  readonly parameters: Parameters;
}

/** A service that is chosen by more than the target header. */
export interface Route {
  takes(request: IncomingMessage): boolean;
  readonly answer: RequestHandler;
}

/**
 * One endpoint for every service and region. The target header selects DynamoDB and SSM, `routes` come before them; fauxqs gets every other request. It refuses requests
 * of other sites and requests for missing services before any service sees them.
 */
export function routeRequests({ tables, stores, parameters, place }: Services, routes: readonly Route[] = []): RequestHandler {
  const keys = new TableKeys(tables);
  return guarded(stores.health, (request, response) => {
    const route = routes.find((each) => each.takes(request));
    if (route !== undefined) {
      route.answer(request, response);
      return;
    }
    const service = missingService(request.headers);
    if (service !== undefined) {
      // A 5xx status would make the SDK retry.
      answerError(request, response, 'ServiceNotAvailable', missingServiceMessage(service), 400);
      return;
    }
    const target = String(request.headers['x-amz-target'] ?? '');
    const operation = TABLE_TARGET.exec(target)?.[1];
    const parameterOperation = PARAMETER_TARGET.exec(target)?.[1];
    if (operation !== undefined) answerJson(request, response, (input) => executeOnTables(operation, tables, keys, input));
    else if (parameterOperation !== undefined) {
      answerJson(request, response, (input) => executeOnParameters(parameterOperation, input, parameters, place));
    } else if (target === 'AmazonSQS.ListDeadLetterSourceQueues') {
      answerJson(request, response, (input) => listDeadLetterSourceQueues(stores, input));
    } else {
      stores.app.routing(request, response);
    }
  });
}

/** Refuses requests of other sites, and every request after the data directory has failed. */
export function guarded(health: DataHealth, handler: RequestHandler): RequestHandler {
  return (request, response) => {
    const reason = refusal(request.headers, request.socket.localPort ?? 0);
    if (reason !== undefined) refuse(response, reason);
    else if (health.failure !== undefined) answerError(request, response, 'InternalFailure', health.failure.message, 500);
    else handler(request, response);
  };
}

function refuse(response: ServerResponse, reason: string): void {
  response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${reason}\n`);
}

/** Answers in the protocol in which the SDK reads errors. */
function answerError(request: IncomingMessage, response: ServerResponse, code: string, message: string, status: number): void {
  request.resume();
  if (!String(request.headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
    sendJson(response, jsonError(code, message, status));
    return;
  }
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(queryError(code, message).body);
}

async function executeOnTables(operation: string, tables: Tables, keys: TableKeys, input: unknown): Promise<TableAnswer> {
  if (operation === 'BatchExecuteStatement') return batchExecuteStatement(tables, keys, input);
  if (operation === 'DeleteTable') keys.forgetAll();
  return tables.execute(operation, input);
}
