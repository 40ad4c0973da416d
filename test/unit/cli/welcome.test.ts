import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { welcome } from '../../../cli/commands/dev/terminal/welcome.ts';
import { resolveSettings } from '../../../cli/settings.ts';

const settings = resolveSettings({ endpointUrl: 'http://127.0.0.1:45663' }, {});
const client = {
  settings,
  agents: async () => ['document-extraction', 'order-processing', 'report-writing', 'sentiment-analysis'],
  wantTokens: async () => ({ agents: true, edge: false }),
};

const shown = {
  logFile: '.posthorn/dev-45663.log',
  sample: 'events/samples/order.json',
  ignored: ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::Logs::LogGroup', 'AWS::Logs::LogGroup'].map((type) => ({ type, count: 4 })),
  doubles: { environment: { 'order-processing': { PAYMENT_URL: 'http://127.0.0.1:1' } } },
  foreignAgents: [],
  isWatched: true,
  metricsUrl: 'http://127.0.0.1:45763/dev/metrics',
};

test('fits on a terminal of 80 columns and 24 lines, with the endpoint and what to do next', async () => {
  const lines = stripVTControlCharacters(await welcome(client, { ...shown, columns: 80 })).split('\n');

  expect(lines).toEqual([
    '',
    '  endpoint  http://127.0.0.1:45663',
    '  metrics   http://127.0.0.1:45763/dev/metrics',
    '  agents    document-extraction, order-processing, report-writing,',
    '            sentiment-analysis',
    '  doubles   order-processing (PAYMENT_URL)',
    '  logs      .posthorn/dev-45663.log',
    '  ignored   IAM::Role, IAM::Policy and 1 more: docs/embedded-cloud.md',
    '',
    'In another terminal, for posthorn, the AWS CLI and AWS SDKs:',
    '  export AWS_ENDPOINT_URL=http://127.0.0.1:45663',
    '  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1',
    '  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local',
    '  npx posthorn send events/samples/order.json',
    '  npx posthorn token --audience AGENT   # for SDKs: attribute authorization',
    '',
    'Edits go live by themselves. Deliveries are shown here. Ctrl-C ends the mesh.',
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('agents of other repositories are no agents of this mesh, but doubles', async () => {
  const foreignAgents = [{ id: 'report-writing' }, { id: 'sentiment-analysis' }];

  const lines = stripVTControlCharacters(await welcome(client, { ...shown, foreignAgents, columns: 200 })).split('\n');

  expect(lines.slice(3, 6)).toEqual([
    '  agents    document-extraction, order-processing',
    '  doubles   order-processing (PAYMENT_URL)',
    '            report-writing, sentiment-analysis (foreign agents; answers from doubles/<id>.json, messages in .posthorn/doubles)',
  ]);
});

test('doubles for capabilities are shown as such, with the capability that may have been meant', async () => {
  const foreignAgents = [
    { id: 'report-writing' },
    { id: 'sentiment-analysis', capability: 'sentiment-analysis' },
    { id: 'order-procesing', capability: 'order-procesing', suggestion: 'order-processing' },
  ];

  const lines = stripVTControlCharacters(await welcome(client, { ...shown, foreignAgents, columns: 200 })).split('\n');

  expect(lines.slice(5, 7)).toEqual([
    '            report-writing (foreign agents; answers from doubles/<id>.json, messages in .posthorn/doubles)',
    '            sentiment-analysis, order-procesing [did you mean order-processing?] (for capabilities that no agent here offers; answers from doubles/<id>.json, messages in .posthorn/doubles)',
  ]);
});

test('the command to send names a mesh that is not the default one', async () => {
  const other = { ...client, settings: resolveSettings({ endpointUrl: 'http://127.0.0.1:45663', prefix: 'acme', stage: 'test' }, {}) };

  expect(await welcome(other, { ...shown, columns: 80 })).toContain(
    'npx posthorn send events/samples/order.json --stage test --prefix acme\n',
  );
});

test('the token for the metrics is shown where the REST API asks for one', async () => {
  const asking = { ...client, wantTokens: async () => ({ agents: false, edge: true }) };

  const text = stripVTControlCharacters(await welcome(asking, { ...shown, columns: 80 }));

  expect(text).toContain('  npx posthorn token --audience mesh-edge   # for metrics: header Authorization: Bearer\n');
  expect(text).not.toContain('AGENT');
});
