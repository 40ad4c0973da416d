import { type App, Stack, Validations } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { addMesh, definePolicy } from '../../infra/index.ts';
import { fixtureAgents, type Synthesized, synthesize } from './fixture-mesh.ts';

const withRules = (app: App): void => Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));

const violationsOf = ({ reports }: Synthesized) => reports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));

const policy = definePolicy({
  agents: fixtureAgents.map(({ definition }) => definition),
  producers: { shop: { principalIds: ['AROASHOP'], sources: ['https://shop.example.com/'] } },
  roles: { customer: { '*': ['*'] } },
  issuers: {
    aws: { issuer: 'https://tokens.example.com', keys: { jwksUri: 'https://tokens.example.com/jwks' }, senders: 'subject' },
  },
  bindings: [{ role: 'customer', producer: 'shop' }],
});

const synthesizeMesh = (context: Readonly<Record<string, unknown>>): Synthesized =>
  synthesize(context, (app) => {
    withRules(app);
    addMesh(app, { agents: fixtureAgents, policy });
  });

const resourceCount = (templates: readonly Template[]): number =>
  templates.reduce((count, template) => count + Object.keys(template.toJSON().Resources).length, 0);

const exceptionsOf = ({ reports }: Synthesized) => {
  const acknowledged = reports.flatMap(({ suppressedViolations }) => suppressedViolations);
  for (const { acknowledgedId, reason } of acknowledged) expect(reason.length, acknowledgedId).toBeGreaterThan(40);
  return [...new Set(acknowledged.map(({ acknowledgedId }) => acknowledgedId))].sort();
};

const exceptionsOfAgents = (stage: string) => [
  `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:posthorn-${stage}-*-inbox]`,
  `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::posthorn-${stage}-content-<AWS::AccountId>-<AWS::Region>/sha-256/*]`,
  'AwsSolutions::AwsSolutions-SQS3',
  'Serverless::Serverless-LambdaDLQ',
  'Serverless::Serverless-LambdaEventSourceMappingDestination',
  'Serverless::Serverless-LambdaTracing',
  'Serverless::Serverless-SQSRedrivePolicy',
];

const EXCEPTIONS_OF_THE_EDGE = [
  'AwsSolutions::AwsSolutions-APIG2',
  'AwsSolutions::AwsSolutions-APIG3',
  'AwsSolutions::AwsSolutions-APIG6',
  'AwsSolutions::AwsSolutions-COG4',
  'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
  'Serverless::Serverless-APIGWXrayEnabled',
];

describe.each(['dev', 'prod'])('in stage %s', (stage) => {
  const synthesized = synthesizeMesh({ stage, alertEmail: 'on-call@example.com' });
  const { state, agent, stack } = synthesized;

  test('nothing breaks the rules of AWS Solutions and Serverless', () => {
    expect(synthesized.reports.map(({ pluginName }) => pluginName)).toEqual(expect.arrayContaining(['AwsSolutions', 'Serverless']));
    expect(violationsOf(synthesized)).toEqual([]);
    expect(resourceCount([state, agent('asking'), agent('answering'), stack('-policy')])).toBeGreaterThanOrEqual(52);
  });

  test('each exception is one of these, with its reason', () => {
    expect(exceptionsOf(synthesized)).toEqual(
      [
        ...exceptionsOfAgents(stage),
        ...EXCEPTIONS_OF_THE_EDGE,
        'AwsSolutions::AwsSolutions-DDB3',
        'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
        `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:posthorn-${stage}-*]`,
        `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/posthorn/${stage}/*]`,
        'AwsSolutions::AwsSolutions-S1',
        'Serverless::Serverless-EventBusDLQ',
        'Serverless::Serverless-SNSRedrivePolicy',
      ].sort(),
    );
  });
});

test('tokens at the edge break no rule, and need no exception of their own', () => {
  const byToken = synthesizeMesh({ edgeAuthentication: 'jwt' });

  expect(violationsOf(byToken)).toEqual([]);
  expect(exceptionsOf(byToken)).toEqual(exceptionsOf(synthesizeMesh({})));
});

test('to an agent, tokens of AWS are one exception more, with its reason; those of an identity provider are none', () => {
  // The probe of a mesh has that exception for a reason of its own.
  const agentsOnly = { join: true, appName: 'shipping' };
  const byAws = synthesizeMesh({ ...agentsOnly, authentication: 'jwt' });
  const tokens = { tokenUrl: 'https://idp.example.com/token', clientId: 'mesh', secretParameter: '/mesh/client' };
  const byProvider = synthesizeMesh({ ...agentsOnly, authentication: 'jwt', tokens });
  const without = exceptionsOf(synthesizeMesh(agentsOnly));

  expect([violationsOf(byAws), violationsOf(byProvider)]).toEqual([[], []]);
  expect(exceptionsOf(byAws)).toEqual([...without, 'AwsSolutions::AwsSolutions-IAM5[Resource::*]'].sort());
  expect(exceptionsOf(byProvider)).toEqual(without);
});

test('an app that joins a mesh breaks no rule either', () => {
  const joining = synthesizeMesh({ join: true, appName: 'shipping' });

  expect(joining.reports.map(({ pluginName }) => pluginName)).toEqual(expect.arrayContaining(['AwsSolutions', 'Serverless']));
  expect(violationsOf(joining)).toEqual([]);
  expect(exceptionsOf(joining)).toEqual(exceptionsOfAgents('dev').sort());
  expect(resourceCount([joining.agent('asking'), joining.agent('answering')])).toBeGreaterThanOrEqual(32);
});

test('whoever breaks a rule is found', () => {
  const synthesized = synthesize({}, (app) => {
    withRules(app);
    const stack = new Stack(app, 'bad');
    new Queue(stack, 'Unencrypted');
    new Role(stack, 'Almighty', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }).addToPolicy(
      new PolicyStatement({ actions: ['s3:*'], resources: ['*'] }),
    );
  });

  expect(violationsOf(synthesized)).toEqual(
    expect.arrayContaining([
      'AwsSolutions-SQS3',
      'AwsSolutions-SQS4',
      'AwsSolutions-IAM5[Action::s3:*]',
      'AwsSolutions-IAM5[Resource::*]',
      'Serverless-SQSRedrivePolicy',
    ]),
  );
});
