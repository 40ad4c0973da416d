import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { DataDirectoryDamagedError, UnsupportedTemplateError } from '../../../local/errors.ts';
import { checkDataDirectory } from '../../../local/services/data-directory.ts';
import { type WrittenStack, writeAssembly } from '../../helpers/written-assembly.ts';
import { ssmClient } from './json-client.ts';

const parameter = (Name: string, Value: unknown, more = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name, Type: 'String', Value, ...more },
});
const stack = (...parameters: readonly object[]): Readonly<Record<string, WrittenStack>> => ({
  state: { resources: Object.fromEntries(parameters.map((each, index) => [`Parameter${index}`, each])) },
});
const temporary = () => mkdtempSync(join(tmpdir(), 'embedded-cloud-data-'));

async function start(stacks: Readonly<Record<string, WrittenStack>> = {}, dataDirectory?: string) {
  const cloud = await EmbeddedCloud.start({
    ...{ port: 0, assemblyDirectory: writeAssembly(stacks) },
    ...(dataDirectory !== undefined && { dataDirectory }),
  });
  onTestFinished(() => cloud.stop());
  const ssm = ssmClient(cloud.endpoint);
  return {
    ...{ cloud, ssm },
    put: (Name: string, Value: string, more = {}) => ssm('PutParameter', { Name, Value, Type: 'String', ...more }),
    value: async (Name: string) => (await ssm('GetParameter', { Name })).body.Parameter,
    deploy: (next: Readonly<Record<string, WrittenStack>>) => cloud.deploy({ assemblyDirectory: writeAssembly(next) }),
  };
}

test('parameters of a template are created, updated, and removed with it', async () => {
  const { value, deploy, ssm, cloud } = await start(stack(parameter('/mesh/a', 'one', { Description: 'd' }), parameter('/mesh/b', 'kept')));

  expect(await value('/mesh/a')).toEqual({
    ...{ Name: '/mesh/a', Type: 'String', Value: 'one', Version: 1, DataType: 'text', LastModifiedDate: expect.any(Number) },
    ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/mesh/a',
  });
  expect(cloud.resources.map(({ type, physicalName, ref }) => [type, physicalName, ref])).toContainEqual([
    ...['AWS::SSM::Parameter', '/mesh/a', '/mesh/a'],
  ]);
  expect(await deploy(stack(parameter('/mesh/a', 'two'), parameter('/mesh/b', 'kept')))).toMatchObject({ updated: ['/mesh/a'] });
  expect(await value('/mesh/a')).toMatchObject({ Value: 'two', Version: 2 });
  expect(await value('/mesh/b')).toMatchObject({ Version: 1 });

  expect(await deploy(stack(parameter('/mesh/b', 'kept')))).toMatchObject({
    removed: [{ stackName: 'state', names: ['/mesh/a'], queues: [] }],
  });
  expect(await ssm('GetParameter', { Name: '/mesh/a' })).toMatchObject({ status: 400, body: { __type: 'ParameterNotFound' } });
});

test('a template refers to a parameter’s name, value and type', async () => {
  const { value } = await start(
    stack(
      parameter('a', 'one'),
      parameter('b', { 'Fn::Sub': `\${Parameter0} \${Parameter0.Value} \${Parameter0.Type} \${Parameter0.Arn}` }),
    ),
  );

  expect(await value('b')).toMatchObject({ Value: 'a one String arn:aws:ssm:us-east-1:000000000000:parameter/a' });
});

test.each([
  [
    'a value over the tier’s limit',
    parameter('a', 'x'.repeat(4_097)),
    /Standard tier parameters support a maximum parameter value of 4096/,
  ],
  ['a name that SSM reserves', parameter('/aws/a', 'x'), /cannot be prefixed with "aws" or "ssm"/],
  ['a secret', parameter('a', 'x', { Type: 'SecureString' }), /Type/],
  ['an empty value', parameter('a', ''), /at least 1 character/],
  ['a value that nests another parameter', parameter('a', 'of {{ b }}'), /can't nest another parameter/],
])('a template with %s is refused', async (_, refused, message) => {
  const { deploy, value } = await start();

  const deployed = deploy(stack(parameter('fine', 'x'), refused));

  await expect(deployed).rejects.toThrow(UnsupportedTemplateError);
  await expect(deployed).rejects.toThrow(message);
  expect(await value('fine')).toBeUndefined();
});

test('the API puts, counts versions, and deletes', async () => {
  const { put, ssm, value } = await start();

  expect(await put('/a/b', 'one')).toEqual({ status: 200, body: { Version: 1, Tier: 'Standard' } });
  expect(await put('/a/b', 'two')).toMatchObject({ status: 400, body: { __type: 'ParameterAlreadyExists' } });
  expect(await put('/a/b', 'two', { Overwrite: true, Type: undefined })).toMatchObject({ body: { Version: 2 } });
  expect(await value('/a/b')).toMatchObject({ Value: 'two', Version: 2 });
  expect(await value('/a/b:2')).toMatchObject({ Value: 'two' });
  expect(await value('arn:aws:ssm:us-east-1:000000000000:parameter/a/b')).toMatchObject({ Value: 'two' });
  expect(await ssm('GetParameter', { Name: '/a/b:1' })).toMatchObject({ body: { __type: 'ParameterVersionNotFound' } });
  expect(await put('/a/b', 'x', { Overwrite: true, Type: 'StringList' })).toMatchObject({
    body: { __type: 'HierarchyTypeMismatchException' },
  });

  expect(await ssm('DeleteParameter', { Name: '/a/b' })).toEqual({ status: 200, body: {} });
  expect(await ssm('DeleteParameter', { Name: '/a/b' })).toMatchObject({ status: 400, body: { __type: 'ParameterNotFound' } });
  await put('c', 'x');
  expect(await ssm('DeleteParameters', { Names: ['c', 'd'] })).toEqual({
    ...{ status: 200, body: { DeletedParameters: ['c'], InvalidParameters: ['d'] } },
  });
});

test('values are as large as their tier takes', async () => {
  const { put, ssm } = await start();

  expect(await put('a', 'é'.repeat(2_048))).toMatchObject({ status: 200 });
  expect(await put('b', `${'é'.repeat(2_048)}x`)).toMatchObject({ body: { __type: 'ValidationException' } });
  expect(await put('b', 'x'.repeat(8_192), { Tier: 'Intelligent-Tiering' })).toMatchObject({ body: { Tier: 'Advanced' } });
  expect(await put('c', 'x'.repeat(8_193), { Tier: 'Advanced' })).toMatchObject({ body: { __type: 'ValidationException' } });
  expect(await put('b', 'x', { Tier: 'Standard', Overwrite: true })).toMatchObject({ body: { __type: 'ValidationException' } });
  expect((await ssm('DescribeParameters', {})).body.Parameters).toMatchObject([
    { Name: 'a', Tier: 'Standard' },
    { Name: 'b', Tier: 'Advanced' },
  ]);
});

test('parameters are read by names, and by path, page by page', async () => {
  const { put, ssm } = await start();
  const names = Array.from({ length: 12 }, (_, index) => `/mesh/agents/${String(index).padStart(2, '0')}`);
  for (const name of [...names, '/mesh/agents/00/below', '/mesh/agentsx', '/mesh/top', 'flat']) await put(name, name);

  const some = (await ssm('GetParameters', { Names: ['flat', 'missing', '/mesh/top', 'flat:9'] })).body;
  expect(some).toMatchObject({ Parameters: [{ Value: 'flat' }, { Value: '/mesh/top' }], InvalidParameters: ['missing', 'flat:9'] });

  const first = (await ssm('GetParametersByPath', { Path: '/mesh/agents' })).body;
  expect(first.Parameters).toMatchObject(names.slice(0, 10).map((Name) => ({ Name })));
  const second = (await ssm('GetParametersByPath', { Path: '/mesh/agents', NextToken: first.NextToken })).body;
  expect(second.Parameters).toMatchObject(names.slice(10).map((Name) => ({ Name })));
  expect(second.NextToken).toBeUndefined();
  const all = async (token?: unknown): Promise<readonly unknown[]> => {
    const { body } = await ssm('GetParametersByPath', { Path: '/mesh/', Recursive: true, MaxResults: 4, NextToken: token });
    const page = Array.isArray(body.Parameters) ? body.Parameters.map(({ Name }) => Name) : [];
    return body.NextToken === undefined ? page : [...page, ...(await all(body.NextToken))];
  };
  expect(await all()).toEqual([...names, '/mesh/agents/00/below', '/mesh/agentsx', '/mesh/top'].sort());
  expect((await ssm('GetParametersByPath', { Path: '/none' })).body).toEqual({ Parameters: [] });
});

test.each<[string, string, unknown, string]>([
  ['a name with a space', 'PutParameter', { Name: 'a b', Value: 'v', Type: 'String' }, 'ValidationException'],
  ['a relative hierarchy', 'PutParameter', { Name: 'a/b', Value: 'v', Type: 'String' }, 'ValidationException'],
  ['too many levels', 'PutParameter', { Name: '/a'.repeat(16), Value: 'v', Type: 'String' }, 'HierarchyLevelLimitExceededException'],
  ['no type', 'PutParameter', { Name: 'a', Value: 'v' }, 'ValidationException'],
  ['a secret', 'PutParameter', { Name: 'a', Value: 'v', Type: 'SecureString' }, 'ValidationException'],
  ['no name', 'GetParameter', {}, 'ValidationException'],
  ['more than ten names', 'GetParameters', { Names: Array.from({ length: 11 }, String) }, 'ValidationException'],
  ['more than ten results', 'GetParametersByPath', { Path: '/', MaxResults: 11 }, 'ValidationException'],
  ['a relative path', 'GetParametersByPath', { Path: 'a' }, 'ValidationException'],
  ['a token that it has not given', 'GetParametersByPath', { Path: '/', NextToken: '!' }, 'InvalidNextToken'],
  ['filters', 'GetParametersByPath', { Path: '/', ParameterFilters: [{ Key: 'Type' }] }, 'ValidationException'],
  ['text that is no JSON', 'GetParameter', '{', 'SerializationException'],
  ['an operation that is not there', 'LabelParameterVersion', {}, 'UnknownOperationException'],
  ['an operation of every object', 'constructor', {}, 'UnknownOperationException'],
])('the API refuses %s', async (_, operation, input, code) => {
  const { ssm } = await start();

  expect(await ssm(operation, input)).toEqual({ status: 400, body: { __type: code, message: expect.any(String) } });
});

test('with a data directory what the API has put survives, also over a template’s value until the template changes', async () => {
  const dataDirectory = temporary();
  const before = await start(stack(parameter('/a/own', 'template'), parameter('/a/over', 'template')), dataDirectory);
  await before.put('/a/put', 'api');
  await before.put('/a/gone', 'api');
  await before.put('/a/over', 'api', { Overwrite: true });
  await before.ssm('DeleteParameter', { Name: '/a/gone' });
  await before.cloud.stop();

  const { value, ssm, deploy } = await start(stack(parameter('/a/own', 'template'), parameter('/a/over', 'template')), dataDirectory);

  expect(await value('/a/put')).toMatchObject({ Value: 'api', Version: 1 });
  expect(await value('/a/own')).toMatchObject({ Value: 'template' });
  expect(await value('/a/over')).toMatchObject({ Value: 'api', Version: 2 });
  expect(await value('/a/gone')).toBeUndefined();
  await deploy(stack(parameter('/a/over', 'changed')));
  expect(await value('/a/over')).toMatchObject({ Value: 'changed', Version: 3 });
  expect(await ssm('GetParameter', { Name: '/a/own' })).toMatchObject({ body: { __type: 'ParameterNotFound' } });
});

test('what cannot be kept is refused, and changes nothing', async () => {
  const dataDirectory = temporary();
  const { put, value, ssm } = await start({}, dataDirectory);
  await put('a', 'one');
  mkdirSync(join(dataDirectory, 'parameters.json.new'));

  expect(await put('a', 'two', { Overwrite: true })).toMatchObject({ status: 500 });
  expect(await ssm('DeleteParameter', { Name: 'a' })).toMatchObject({ status: 500 });
  expect(await value('a')).toMatchObject({ Value: 'one', Version: 1 });
});

test('a damaged file of parameters is refused; a directory of an earlier release has none', async () => {
  const dataDirectory = temporary();
  const { cloud } = await start({}, dataDirectory);
  await cloud.stop();
  expect(readdirSync(dataDirectory).sort()).toEqual(['dynalite', 'fauxqs']);
  writeFileSync(join(dataDirectory, 'parameters.json'), '{');

  await expect(checkDataDirectory(dataDirectory)).rejects.toThrow(DataDirectoryDamagedError);
  await expect(start({}, dataDirectory)).rejects.toThrow(/parameters\.json cannot be read/);
  rmSync(join(dataDirectory, 'parameters.json'));
  await checkDataDirectory(dataDirectory);
});
