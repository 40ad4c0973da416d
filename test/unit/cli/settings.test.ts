import { expect, test } from 'vitest';
import { resolveSettings } from '../../../cli/settings.ts';

test('without options and environment it is AWS, in the region of the profile', () => {
  expect(resolveSettings({}, {})).toEqual({
    endpoint: undefined,
    region: undefined,
    prefix: 'posthorn',
    stage: 'dev',
    json: false,
    credentials: undefined,
  });
});

test('options come before the environment, AWS_REGION before AWS_DEFAULT_REGION', () => {
  const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' };

  expect(resolveSettings({}, environment)).toMatchObject({ endpoint: 'http://127.0.0.1:4566', region: 'eu-west-1' });
  expect(resolveSettings({ endpointUrl: 'http://10.0.0.1', region: 'eu-west-3', stage: 'prod', json: true }, environment)).toEqual({
    endpoint: 'http://10.0.0.1',
    region: 'eu-west-3',
    prefix: 'posthorn',
    stage: 'prod',
    json: true,
    credentials: undefined,
  });
});

test('on this machine no credentials are needed: a profile is for AWS, only an access key in the environment counts', () => {
  const endpointUrl = 'http://127.0.0.1:4566';
  const dummy = { accessKeyId: 'posthorn', secretAccessKey: 'posthorn' };

  expect(resolveSettings({ endpointUrl }, { AWS_PROFILE: 'work' }).credentials).toEqual(dummy);
  expect(resolveSettings({ endpointUrl }, { AWS_ACCESS_KEY_ID: '' }).credentials).toEqual(dummy);
  expect(resolveSettings({ endpointUrl }, { AWS_ACCESS_KEY_ID: '111122223333' }).credentials).toBeUndefined();
  expect(resolveSettings({}, { AWS_PROFILE: 'work' }).credentials).toBeUndefined();
});

test('an empty variable is none', () => {
  expect(resolveSettings({}, { AWS_ENDPOINT_URL: '', AWS_REGION: '' })).toMatchObject({ endpoint: undefined, region: undefined });
});

test.each([
  'http://127.0.0.1:4566',
  'http://localhost:4566',
  'http://sqs.us-east-1.localhost:4566',
  'http://[::1]:4566',
  'http://127.1.2.3',
  'https://localhost.localstack.cloud:4566',
])('%s is on this machine: us-east-1 unless another region is given', (endpointUrl) => {
  expect(resolveSettings({ endpointUrl }, {})).toMatchObject({ region: 'us-east-1', credentials: expect.anything() });
});

test.each(['http://127.0.0.1.example.com', 'https://sqs.eu-west-1.amazonaws.com', 'http://localhost.example.com'])(
  '%s is not',
  (endpointUrl) => {
    expect(resolveSettings({ endpointUrl }, {})).toMatchObject({ region: undefined, credentials: undefined });
  },
);

test.each([
  [{ endpointUrl: 'localhost:4566' }, "--endpoint-url 'localhost:4566' is not a URL"],
  [{ stage: 'Dev' }, "--stage 'Dev': must be 1 to 12 lower-case letters and digits"],
])('%o is refused', (options, message) => {
  expect(() => resolveSettings(options, {})).toThrow(message);
});
