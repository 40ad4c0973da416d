import { admitOperator } from '../../client/registry/admit-operator.ts';
import { EmbeddedCloud } from '../../local/embedded-cloud.ts';
import { OPERATOR } from '../../local/services/identities.ts';

// The embedded cloud in a separate process, which the run kills. Its agents are also processes.

/** What it is asked. */
export type CloudRequest = 'workers' | 'stop';

/** What it says. */
export type CloudMessage =
  | { readonly type: 'started'; readonly port: number }
  | { readonly type: 'workers'; readonly workers: readonly { readonly pid: number; readonly isBusy: boolean }[] }
  | { readonly type: 'invocation'; readonly outcome: string; readonly messages: number; readonly failed: number }
  | { readonly type: 'log'; readonly line: string };

const [assemblyDirectory = '', dataDirectory = '', port = '0'] = process.argv.slice(2);
const say = (message: CloudMessage) => process.send?.(message);

const cloud = await EmbeddedCloud.start({
  assemblyDirectory,
  dataDirectory,
  port: Number(port),
  isolation: 'process',
  onInvocation: ({ outcome, messageIds, failedMessageIds }) =>
    say({ type: 'invocation', outcome, messages: messageIds.length, failed: failedMessageIds.length }),
  onLog: ({ functionName, stream, text }) => {
    if (stream === 'platform') say({ type: 'log', line: `${functionName} ${text}` });
  },
});
process.on('message', (request: CloudRequest) => {
  if (request === 'workers') say({ type: 'workers', workers: cloud.workers().map(({ pid, isBusy }) => ({ pid, isBusy })) });
  else cloud.stop().then(() => process.disconnect());
});
await admitOperator(cloud, OPERATOR);
say({ type: 'started', port: Number(new URL(cloud.endpoint).port) });
