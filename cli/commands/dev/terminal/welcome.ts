import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import { EDGE_ID } from '../../../../events/names.ts';
import type { Ignored } from '../../../../local/template/ignored.ts';
import { meshFlags } from '../../../mesh-flags.ts';
import { packageFolder } from '../../../package-manifest.ts';
import type { Doubles } from '../doubles.ts';
import type { ForeignAgent } from '../foreign/mesh-needs.ts';
import type { MeshClient } from '../samples/mesh-client.ts';
import { wrap } from './wrap.ts';

const IGNORED_TYPES_SHOWN = 2;
const LABEL_WIDTH = 10;

export interface Welcome {
  readonly logFile: string;
  /** A file to send, if the project has one. */
  readonly sample: string | undefined;
  readonly ignored: readonly Ignored[];
  readonly doubles: Pick<Doubles, 'environment'>;
  /** Each has a double. */
  readonly foreignAgents: readonly Pick<ForeignAgent, 'id' | 'capability' | 'suggestion'>[];
  readonly isWatched: boolean;
  /** Where Prometheus finds the mesh's metrics; `undefined` for a mesh without a REST API. */
  readonly metricsUrl: string | undefined;
  /** The terminal's width. */
  readonly columns: number;
}

/** The line with the mesh's endpoint. */
export const readyLine = (endpoint: string, seconds: number, isUnchanged: boolean): string =>
  `${styleText('bold', 'Posthorn')} is up at ${styleText('cyan', endpoint)} (ready in ${seconds.toFixed(1)} s${isUnchanged ? ', nothing changed' : ''})`;

/** How to use a mesh that has started: the last lines before those of its messages. */
export async function welcome(
  client: Pick<MeshClient, 'agents' | 'settings' | 'wantTokens'>,
  { logFile, sample, ignored, doubles, foreignAgents, isWatched, metricsUrl, columns }: Welcome,
): Promise<string> {
  const { endpoint, region } = client.settings;
  // The exports below name endpoint and region.
  const flags = [meshFlags({ ...client.settings, endpoint: undefined, region: undefined })].filter(Boolean);
  const agents = (await client.agents()).filter((id) => !foreignAgents.some((foreign) => foreign.id === id)).join(', ') || 'none';
  const variables = Object.entries(doubles.environment).map(([agent, values]) => `${agent} (${Object.keys(values).join(', ')})`);
  const standIns = [
    ...(variables.length === 0 ? [] : [variables.join(', ')]),
    ...foreignRow(
      foreignAgents.filter(({ capability }) => capability === undefined),
      'foreign agents',
    ),
    ...foreignRow(
      foreignAgents.filter(({ capability }) => capability !== undefined),
      'for capabilities that no agent here offers',
    ),
  ];
  const rows = [
    ['endpoint', endpoint ?? ''],
    ...(metricsUrl === undefined ? [] : [['metrics', metricsUrl]]),
    ['agents', agents],
    ...standIns.map((text, index) => [index === 0 ? 'doubles' : '', text]),
    ['logs', relative('', logFile)],
    ...(ignored.length === 0 ? [] : [['ignored', `${ignoredSummary(ignored)}: ${docsPath('embedded-cloud.md')}`]]),
  ];
  const wanting = await client.wantTokens();
  const token = (audience: string) => `  npx posthorn token --audience ${[audience, ...flags].join(' ')}`;
  return [
    '',
    ...rows.map(([name = '', value = '']) => wrap(`  ${name.padEnd(LABEL_WIDTH)}${value}`, columns, LABEL_WIDTH + 2)),
    '',
    'In another terminal, for posthorn, the AWS CLI and AWS SDKs:',
    `  export AWS_ENDPOINT_URL=${endpoint}`,
    `  export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    '  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local',
    ...(sample === undefined ? [] : [`  npx posthorn send ${[relative('', sample), ...flags].join(' ')}`]),
    ...(wanting.agents ? [`${token('AGENT')}   # for SDKs: attribute authorization`] : []),
    ...(wanting.edge ? [`${token(EDGE_ID)}   # for metrics: header Authorization: Bearer`] : []),
    '',
    `${isWatched ? 'Edits go live by themselves. ' : ''}Deliveries are shown here. ${styleText('bold', 'Ctrl-C')} ends the mesh.`,
  ].join('\n');
}

function foreignRow(agents: Welcome['foreignAgents'], what: string): readonly string[] {
  if (agents.length === 0) return [];
  const names = agents.map(({ id, suggestion }) => (suggestion === undefined ? id : `${id} [did you mean ${suggestion}?]`));
  return [`${names.join(', ')} (${what}; answers from doubles/<id>.json, messages in .posthorn/doubles)`];
}

/** A document of the package. pnpm's own path of it is longer than a terminal is wide. */
function docsPath(name: string): string {
  const linked = join('node_modules/posthorn/docs', name);
  return existsSync(linked) ? linked : relative('', join(packageFolder(), 'docs', name));
}

/** @example `IAM::Role, Logs::LogGroup and 9 more` */
export function ignoredSummary(ignored: readonly Ignored[]): string {
  const types = [...new Set(ignored.map(({ type }) => type.replace(/^AWS::/, '')))];
  const shown = types.slice(0, IGNORED_TYPES_SHOWN).join(', ');
  return types.length > IGNORED_TYPES_SHOWN ? `${shown} and ${types.length - IGNORED_TYPES_SHOWN} more` : shown;
}
