import { expect, test } from 'vitest';
import type { DeployedMapping } from '../../../local/template/deployed.ts';
import { deploymentChanges, NOTHING_DEPLOYED, updatedNames } from '../../../local/template/deployment-changes.ts';
import type { PlannedResource } from '../../../local/template/planned-resource.ts';

const resource = (type: string, physicalName: string, properties = {}): PlannedResource => ({
  ...{ stackName: 's', logicalId: physicalName, type, physicalName, arn: `arn:${type}:${physicalName}`, ref: physicalName },
  properties,
});
const queue = (name: string, properties = {}) => resource('AWS::SQS::Queue', name, properties);
const lambda = (name: string, properties = {}) => resource('AWS::Lambda::Function', name, properties);

const mapping = (name: string, { codeKey = 'v1', codeDirectory = '/1', timeoutSeconds = 30, batchSize = 10 } = {}): DeployedMapping => ({
  enabled: true,
  queueName: `${name}-inbox`,
  queueArn: `arn:AWS::SQS::Queue:${name}-inbox`,
  queueUrl: `http://localhost/${name}-inbox`,
  batchSize,
  windowSeconds: 0,
  maxConcurrency: 5,
  reportsBatchItemFailures: true,
  function: {
    ...{
      name,
      arn: `arn:AWS::Lambda::Function:${name}`,
      roleArn: 'arn:aws:iam::000000000000:role/r',
      codeDirectory,
      codeKey,
      handler: 'index.handler',
      timeoutSeconds,
    },
    ...{ memoryMegabytes: 128, environment: {}, logging: { format: 'JSON', level: 'INFO', group: 'g' } },
  },
});

const before = { resources: [queue('a-inbox'), queue('old'), lambda('a', { Code: 'v1' })], mappings: [mapping('a')], rules: [], apis: [] };
const names = (changes: ReturnType<typeof deploymentChanges>) => ({
  created: changes.resources.created.map(({ physicalName }) => physicalName),
  updated: updatedNames(changes),
  removed: changes.resources.removed.map(({ physicalName }) => physicalName),
});
const nothing = { created: [], updated: [], removed: [] };

test('everything is new to an owner who has deployed nothing', () => {
  const changes = deploymentChanges(NOTHING_DEPLOYED, before);

  expect(names(changes)).toEqual({ ...nothing, created: ['a-inbox', 'old', 'a'] });
  expect(changes.functions.created.map(({ name }) => name)).toEqual(['a']);
  expect(changes.mappings).toEqual({ ...nothing, created: before.mappings });
});

test('the same content in another assembly changes nothing', () => {
  const after = { ...before, mappings: [mapping('a', { codeDirectory: '/2' })] };

  expect(deploymentChanges(before, after)).toEqual({ resources: nothing, functions: nothing, mappings: nothing });
});

test('new code updates the function, and its mapping with it', () => {
  const after = {
    ...before,
    resources: [...before.resources.slice(0, 2), lambda('a', { Code: 'v2' })],
    mappings: [mapping('a', { codeKey: 'v2' })],
  };

  const changes = deploymentChanges(before, after);

  expect(changes.functions.updated.map(({ codeKey }) => codeKey)).toEqual(['v2']);
  expect(changes.mappings.updated).toHaveLength(1);
  expect(names(changes)).toEqual({ ...nothing, updated: ['a'] });
});

test('a new batch size updates the mapping alone, and counts as an update of its function', () => {
  const changes = deploymentChanges(before, { ...before, mappings: [mapping('a', { batchSize: 1 })] });

  expect(changes.functions).toEqual(nothing);
  expect(changes.mappings.updated.map(({ batchSize }) => batchSize)).toEqual([1]);
  expect(names(changes)).toEqual({ ...nothing, updated: ['a'] });
});

test('what is gone is removed, with its mapping; another type of the same name is another resource', () => {
  const after = {
    resources: [queue('a-inbox', { VisibilityTimeout: 60 }), resource('AWS::SNS::Topic', 'old')],
    mappings: [],
    rules: [],
    apis: [],
  };

  const changes = deploymentChanges(before, after);

  expect(names(changes)).toEqual({ created: ['old'], updated: ['a-inbox'], removed: ['old', 'a'] });
  expect(changes.mappings.removed).toEqual(before.mappings);
  expect(changes.functions.removed.map(({ name }) => name)).toEqual(['a']);
});
