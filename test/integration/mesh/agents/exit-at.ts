import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** Where between handling and acknowledgement the process dies. */
export type ExitPoint = 'after-commit' | 'before-send' | 'after-send';

/** Which AWS call it is, and whether the process dies before it leaves or after its answer came. */
const POINTS: Readonly<Record<ExitPoint, { readonly call: string; readonly channel: string }>> = {
  'after-commit': { call: 'DynamoDB_20120810.BatchExecuteStatement', channel: 'http.client.response.finish' },
  'before-send': { call: 'AmazonSQS.SendMessageBatch', channel: 'http.client.request.created' },
  'after-send': { call: 'AmazonSQS.SendMessageBatch', channel: 'http.client.response.finish' },
};

/** Ends the process at the next such call, wherever it is made. @see https://nodejs.org/api/diagnostics_channel.html#http */
export function exitAt(point: ExitPoint): void {
  const { call, channel } = POINTS[point];
  subscribe(channel, (message) => {
    if (isAbout(message) && message.request.getHeader('x-amz-target') === call) process.exit(1);
  });
}

function isAbout(message: unknown): message is { readonly request: ClientRequest } {
  return typeof message === 'object' && message !== null && 'request' in message;
}
