import { once } from 'node:events';
import { createServer } from 'node:http';

/** What scripted agents ask before each handling, wherever their process is. */
export interface ControlService extends AsyncDisposable {
  readonly url: string;
  /** How often the message was handled; every begun handling counts. */
  visits(messageKey: string): number;
  /** The variable that switches an agent's bug on. */
  isBroken: boolean;
}

export async function startControlService(): Promise<ControlService> {
  const visits = new Map<string, number>();
  const control = {
    isBroken: true,
    visits: (messageKey: string) => visits.get(messageKey) ?? 0,
  };
  const server = createServer((request, response) => {
    const key = new URL(request.url ?? '/', 'http://localhost').searchParams.get('key') ?? '';
    const visit = control.visits(key) + 1;
    visits.set(key, visit);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ visit, isBroken: control.isBroken }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(control, {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  });
}
