import { relative } from 'node:path';
import { styleText } from 'node:util';
import { inboxName } from '../../../events/names.ts';
import { ACCOUNT_ID } from '../../../local/services/queues-and-buckets.ts';
import { ignoredLine } from '../../../local/template/ignored.ts';
import { meshFlags } from '../../mesh-flags.ts';
import type { MeshClient } from './mesh-client.ts';
import type { LocalMesh } from './start-mesh.ts';
import { wrap } from './wrap.ts';

/**
 * What a person needs to know of a mesh that has just started.
 *
 * @param columns of the terminal
 */
export async function welcome(
  { cloud, payments }: LocalMesh,
  client: MeshClient,
  { logFile, seconds, columns }: { readonly logFile: string; readonly seconds: number; readonly columns: number },
): Promise<string> {
  const { settings } = client;
  const agents = await client.agents();
  return [
    '',
    `${styleText('bold', 'Posthorn')} is up at ${styleText('cyan', cloud.endpoint)} (SQS, DynamoDB, S3, SNS), ready in ${seconds.toFixed(1)} s.`,
    '',
    wrap(`  agents    ${agents.join(', ')}`, columns, 12),
    `  inboxes   ${cloud.endpoint}/${ACCOUNT_ID}/${inboxName(settings, 'AGENT')}`,
    `  logs      ${relative('', logFile)}`,
    `  payments  ${payments.url}`,
    `  send      npx posthorn send events/samples/order.json ${meshFlags(settings)}`,
    styleText('dim', wrap(`  ${ignoredLine(cloud.ignored)}`, columns, 2)),
    '',
  ].join('\n');
}
