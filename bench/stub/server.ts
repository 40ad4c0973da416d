import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { batchExecuteStatement, TableKeys } from '../../local/services/batch-execute-statement.ts';
import type { TableAnswer } from '../../local/services/tables.ts';
import { relayAccess } from '../relay-access.ts';
import { traceEpoch } from '../trace-epoch.ts';
import { answerQueueRequest } from './answer-queue-request.ts';
import type { Counts } from './counts.ts';
import { dynaliteTables } from './dynalite-tables.ts';
import { MemoryTables } from './memory-tables.ts';
import { accessWith, relayToken, tokenAnswer } from './relay-token.ts';
import { layouts, REGISTRY_TABLE } from './table-names.ts';

// DynamoDB, SQS, a collector of OTLP and the port of X-Ray's daemon in a separate process. It sends the ports to its parent, which may ask
// for the counts or reset them.

const memory = new MemoryTables(layouts);
const tables = process.argv[2] === 'dynalite' ? await dynaliteTables() : memory;
const relay = relayToken();
for (const id of [relayAccess.agent, 'no-op']) {
  const { status } = await tables.execute('PutItem', {
    TableName: REGISTRY_TABLE,
    Item: { kind: { S: 'access' }, id: { S: id }, value: { S: JSON.stringify(accessWith(relay)) } },
  });
  if (status !== 200) throw new Error('the registry took no item');
}
const keys = new TableKeys(tables);
const sockets = new Set<Socket>();
let requests: Record<string, number> = {};
let closed = { received: 0, sent: 0 };
const datagrams = { count: 0, bytes: 0 };
let forgotten = { received: 0, sent: 0, write: 0, read: 0, count: 0, bytes: 0 };

const traffic = () => {
  const total = { ...closed };
  for (const socket of sockets) {
    total.received += socket.bytesRead;
    total.sent += socket.bytesWritten;
  }
  return total;
};

function counts(): Counts {
  const { received, sent } = traffic();
  return {
    requests,
    receivedBytes: received - forgotten.received,
    sentBytes: sent - forgotten.sent,
    datagrams: datagrams.count - forgotten.count,
    datagramBytes: datagrams.bytes - forgotten.bytes,
    writeUnits: memory.units.write - forgotten.write,
    readUnits: memory.units.read - forgotten.read,
  };
}

async function answer(service: string, operation: string, input: unknown): Promise<TableAnswer> {
  if (service === 'sqs') return { status: 200, body: answerQueueRequest(operation, input) };
  if (operation === 'BatchExecuteStatement') return batchExecuteStatement(tables, keys, input);
  return tables.execute(operation, input);
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, prefix = '', operation = ''] = /^(\w+?)(?:_\d+)?\.(\w+)$/.exec(String(request.headers['x-amz-target'])) ?? [];
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    requests['sts GetWebIdentityToken'] = (requests['sts GetWebIdentityToken'] ?? 0) + 1;
    request.resume();
    response.writeHead(200, { 'content-type': 'text/xml' }).end(tokenAnswer(relay.token));
    return;
  }
  if (request.url === '/v1/traces') {
    requests['otlp traces'] = (requests['otlp traces'] ?? 0) + 1;
    await text(request);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    return;
  }
  const service = prefix === 'AmazonSQS' ? 'sqs' : 'dynamodb';
  const name = `${service} ${operation}`;
  requests[name] = (requests[name] ?? 0) + 1;
  const { status, body } = await answer(service, operation, JSON.parse(await text(request)));
  const json = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'content-length': Buffer.byteLength(json) });
  response.end(json);
}

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  respond(request, response).catch((error: unknown) => {
    console.error(error);
    response.writeHead(500).end('{}');
  });
});
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => {
    sockets.delete(socket);
    closed = { received: closed.received + socket.bytesRead, sent: closed.sent + socket.bytesWritten };
  });
});
const daemon = createSocket('udp4', (segment) => {
  if (segment.includes(`1-${traceEpoch.warmUp}-`)) return;
  datagrams.count++;
  datagrams.bytes += segment.length;
});
await Promise.all([once(daemon.bind(0, '127.0.0.1'), 'listening'), once(server.listen(0, '127.0.0.1'), 'listening')]);
const address = server.address();
if (typeof address === 'object') process.send?.({ port: address?.port, daemonPort: daemon.address().port, token: relay.token });
process.on('message', (message) => {
  if (message === 'forget') {
    requests = {};
    forgotten = { ...traffic(), ...memory.units, ...datagrams };
  }
  process.send?.(counts());
});
process.on('disconnect', () => process.exit());
