import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { describeError } from '../../../cli/describe-error.ts';
import { resolveSettings } from '../../../cli/settings.ts';
import { awsClientOptions } from '../../../client/aws-client-options.ts';

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
}

test.each([
  ['never answers', createServer(() => undefined)],
  ['stops in the middle of an answer', createServer((_request, response) => response.writeHead(200, { 'content-length': 9 }).write('{'))],
])('an endpoint that %s is given up, not waited for for ever', async (_what, server) => {
  const endpointUrl = await listening(server);
  const settings = resolveSettings({ endpointUrl }, {});
  const { requestHandler, ...options } = awsClientOptions(settings);
  const hurried = Object.fromEntries(Object.entries(requestHandler).map(([name, value]) => [name, value / 1_000]));
  const sqs = new SQSClient({ ...options, requestHandler: hurried, maxAttempts: 1 });

  const error = await sqs.send(new ListQueuesCommand({})).catch((thrown: unknown) => thrown);

  expect(describeError(error, settings)).toMatchObject({ message: `cannot reach ${endpointUrl} (TimeoutError)` });
  sqs.destroy();
  server.close();
});
