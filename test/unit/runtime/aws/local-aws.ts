import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { onTestFinished, vi } from 'vitest';

/**
 * Is all of AWS for the test that is running, whose clients make one attempt at each request.
 *
 * @param mayUpload answers an upload that asks first whether it may begin. @default true
 * @returns its URL
 */
export async function startAws(answer: RequestListener, mayUpload = true): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  if (!mayUpload) server.on('checkContinue', () => {});
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `http://127.0.0.1:${address.port}`;
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_MAX_ATTEMPTS: '1',
  }))
    vi.stubEnv(name, value);
  return url;
}
