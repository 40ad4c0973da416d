import { type App, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { type Synthesized, synthesizeFixture } from './fixture-mesh.ts';

const withRules = (app: App): void => Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));

const violationsOf = ({ reports }: Synthesized) => reports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));

const resourceCount = ({ state, agent }: Synthesized): number =>
  [state, agent('asking'), agent('answering')].reduce((count, template) => count + Object.keys(template.toJSON().Resources).length, 0);

describe.each(['dev', 'prod'])('in stage %s', async (stage) => {
  const synthesized = await synthesizeFixture({ stage, alertEmail: 'on-call@example.com' }, withRules);

  test('nothing breaks the rules of AWS Solutions and Serverless', () => {
    expect(synthesized.reports.map(({ pluginName }) => pluginName)).toEqual(expect.arrayContaining(['AwsSolutions', 'Serverless']));
    expect(violationsOf(synthesized)).toEqual([]);
    expect(resourceCount(synthesized)).toBeGreaterThanOrEqual(39);
  });

  test('each exception is one of these, with its reason', () => {
    const acknowledged = synthesized.reports.flatMap(({ suppressedViolations }) => suppressedViolations);

    expect([...new Set(acknowledged.map(({ acknowledgedId }) => acknowledgedId))].sort()).toEqual([
      `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::posthorn-${stage}-content-<AWS::AccountId>-<AWS::Region>/sha-256/*]`,
      'AwsSolutions::AwsSolutions-S1',
      'AwsSolutions::AwsSolutions-SQS3',
      'Serverless::Serverless-LambdaDLQ',
      'Serverless::Serverless-LambdaEventSourceMappingDestination',
      'Serverless::Serverless-LambdaTracing',
      'Serverless::Serverless-SNSRedrivePolicy',
      'Serverless::Serverless-SQSRedrivePolicy',
    ]);
    for (const { acknowledgedId, reason } of acknowledged) expect(reason.length, acknowledgedId).toBeGreaterThan(40);
  });
});

test('whoever breaks a rule is found', async () => {
  const synthesized = await synthesizeFixture({}, (app) => {
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
