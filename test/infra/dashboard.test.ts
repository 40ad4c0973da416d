import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { deadLetterQueueName, errorQueueName, functionName, inboxName, ledgerTableName, meshName } from '../../events/names.ts';
import { synthesizeFixture } from './fixture-mesh.ts';
import { readable } from './readable.ts';
import { isFoundBy } from './search-tokens.ts';

const bodySchema = z.object({
  variables: z.array(z.record(z.string(), z.unknown())),
  widgets: z.array(
    z.object({
      type: z.string(),
      properties: z.object({
        title: z.string().optional(),
        metrics: z.array(z.tuple([z.object({ expression: z.string(), period: z.number().optional() })])).default([]),
      }),
    }),
  ),
});

const dashboardsOf = (template: Template) => Object.values(template.findResources('AWS::CloudWatch::Dashboard'));

const { state } = synthesizeFixture();
const [dashboard] = dashboardsOf(state);
const { DashboardName, DashboardBody } = z
  .object({ DashboardName: z.string(), DashboardBody: z.string() })
  .parse(readable(dashboard?.Properties, state));
const { variables, widgets } = bodySchema.parse(JSON.parse(DashboardBody));
const expressions = widgets.flatMap(({ properties }) => properties.metrics.map(([{ expression }]) => expression));

interface Search {
  readonly namespace: string;
  readonly metric: string;
  readonly terms: readonly string[];
}

function parseSearch(expression: string): Search {
  const [, namespace = '', metric = '', rest = ''] =
    /^(?:SUM\(|MAX\()?SEARCH\('\{([^,]+),[^}]+\} MetricName="(\w+)" ([^']+)', '(?:Sum|Maximum|p95)'\)\)?$/.exec(expression) ?? [];
  const terms = rest.split(' ').map((term) => /^(?:QueueName|FunctionName|TableName)=([\w/-]+)$/.exec(term)?.[1] ?? `not a term: ${term}`);
  return { namespace, metric, terms };
}

const searches = expressions.map(parseSearch);
const sumsOfMesh = widgets.flatMap(({ properties }) => properties.metrics).filter(([{ expression }]) => /^(SUM|MAX)/.test(expression));
const findsOf = (namespace: string, name: string) =>
  searches.filter((search) => search.namespace === namespace && search.terms.every((term) => isFoundBy(term, name)));

describe('the dashboard', () => {
  test('is one, named as the mesh, and has only searches', () => {
    expect(dashboardsOf(state)).toHaveLength(1);
    expect(DashboardName).toBe('posthorn-dev');
    expect(expressions.length).toBeGreaterThan(20);
    expect(expressions.filter((expression) => !/^((SUM|MAX)\()?SEARCH\(/.test(expression))).toEqual([]);
    expect(Math.max(...expressions.map(({ length }) => length))).toBeLessThanOrEqual(1_024);
  });

  test('names no agent of the app', () => {
    expect(DashboardBody).not.toMatch(/asking|answering/);
  });

  test.each([
    ['AWS/SQS', inboxName(meshName(), 'agent-of-another-app'), ['NumberOfMessagesSent', 'NumberOfMessagesDeleted']],
    [
      'AWS/SQS',
      inboxName(meshName(), 'asking'),
      ['ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateAgeOfOldestMessage'],
    ],
    ['AWS/SQS', errorQueueName(meshName(), 'asking'), ['ApproximateNumberOfMessagesVisible']],
    ['AWS/SQS', deadLetterQueueName(meshName(), 'asking'), ['ApproximateNumberOfMessagesVisible']],
    ['AWS/Lambda', functionName(meshName(), 'asking'), ['Invocations', 'Errors', 'Throttles', 'ConcurrentExecutions', 'Duration']],
    ['AWS/DynamoDB', ledgerTableName(meshName()), ['ReadThrottleEvents', 'WriteThrottleEvents']],
  ])('finds in %s the metrics of %s', (namespace, name, metrics) => {
    expect(findsOf(namespace, name).map(({ metric }) => metric)).toEqual(expect.arrayContaining(metrics));
  });

  test('finds nothing of another mesh, and of a queue only what is its own', () => {
    expect(findsOf('AWS/SQS', inboxName(meshName({ stage: 'prod' }), 'asking'))).toEqual([]);
    expect(findsOf('AWS/Lambda', functionName(meshName({ prefix: 'acme' }), 'asking'))).toEqual([]);
    expect(findsOf('AWS/SQS', deadLetterQueueName(meshName(), 'asking')).map(({ terms }) => terms[1])).toEqual(['dlq', 'dlq']);
  });

  test('narrows to one agent by a text that is not in the sums of the mesh', () => {
    expect(variables).toMatchObject([{ type: 'pattern', pattern: 'posthorn-dev', inputType: 'input', defaultValue: 'posthorn-dev' }]);
    expect(sumsOfMesh.length).toBeGreaterThan(10);
    expect(sumsOfMesh.filter(([{ expression }]) => expression.includes('posthorn-dev'))).toEqual([]);

    const narrowed = expressions.map((expression) => parseSearch(expression.replaceAll('posthorn-dev', 'posthorn-dev-asking')));
    const found = (name: string) => narrowed.filter(({ terms }) => terms.every((term) => isFoundBy(term, name))).length;
    expect(found(inboxName(meshName(), 'asking'))).toBeGreaterThan(found(inboxName(meshName(), 'answering')));
  });

  test('is not there without the setting, nor in an app that joins the mesh', () => {
    expect(dashboardsOf(synthesizeFixture({ dashboard: 'false' }).state)).toEqual([]);
    const joining = synthesizeFixture({ join: true });
    expect(joining.stackNames.flatMap((name) => dashboardsOf(joining.stack(name)))).toEqual([]);
  });
});

test.each(['dev', 'prod'])('without cloudWatch, stage %s has no alarm, no dashboard, no metric filter and no saved query', (stage) => {
  const kinds = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::Logs::MetricFilter', 'AWS::Logs::QueryDefinition'];
  const countOf = (mesh: ReturnType<typeof synthesizeFixture>) =>
    kinds.map((kind) => mesh.stackNames.flatMap((name) => Object.keys(mesh.stack(name).findResources(kind))).length);

  expect(countOf(synthesizeFixture({ stage, cloudWatch: 'false' }))).toEqual([0, 0, 0, 0]);
  for (const count of countOf(synthesizeFixture({ stage }))) expect(count).toBeGreaterThan(0);
});
