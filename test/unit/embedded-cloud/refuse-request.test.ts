import { expect, test } from 'vitest';
import { missingService } from '../../../local/services/missing-service.ts';
import { refusal } from '../../../local/services/refuse-request.ts';

const host = '127.0.0.1:4566';

test.each([
  { host },
  { host: 'localhost:4566' },
  { host: '[::1]:4566' },
  { host: 'LOCALHOST:4566' },
  { host: 'content-000000000000.localhost:4566' },
  { host: 'my.bucket.localhost:4566' },
  { host, origin: 'http://127.0.0.1:4566', 'sec-fetch-site': 'same-origin' },
  { host, origin: 'http://localhost:4566' },
  { host, 'sec-fetch-site': 'none' },
])('lets in %j', (headers) => {
  expect(refusal(headers, 4566)).toBeUndefined();
});

test('port 80 may be left out', () => {
  expect(refusal({ host: 'localhost' }, 80)).toBeUndefined();
  expect(refusal({ host: 'localhost' }, 4566)).toContain('The Host "localhost" is not this endpoint\'s');
});

test.each([
  [{}, 'The Host "" is not this'],
  [{ host: 'evil.com' }, 'The Host "evil.com" is not this'],
  [{ host: 'evil.com:4566' }, 'use http://127.0.0.1:4566 or http://localhost:4566'],
  [{ host: 'localhost.evil.com:4566' }, 'Host'],
  [{ host: 'evillocalhost:4566' }, 'Host'],
  [{ host: '127.0.0.1.evil.com:4566' }, 'Host'],
  [{ host: 'evil.com#.localhost:4566' }, 'Host'],
  [{ host: '127.0.0.1:4567' }, 'Host'],
  [{ host: '127.0.0.1' }, 'Host'],
  [{ host, origin: 'http://evil.com' }, 'another site (Origin "http://evil.com")'],
  [{ host, origin: 'null' }, 'another site (Origin "null")'],
  [{ host, origin: '' }, 'another site (Origin "")'],
  [{ host, origin: 'https://127.0.0.1:4566' }, 'Origin'],
  [{ host, origin: 'http://localhost:3000' }, 'Origin'],
  [{ host, 'sec-fetch-site': 'cross-site' }, 'Sec-Fetch-Site cross-site'],
  [{ host, 'sec-fetch-site': 'same-site' }, 'Sec-Fetch-Site same-site'],
])('refuses %j', (headers, reason) => {
  expect(refusal(headers, 4566)).toContain(reason);
});

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20261125/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

test.each([
  [signed('kms'), 'kms'],
  [signed('lambda'), undefined],
  [{ ...signed('events'), 'x-amz-target': 'AWSEvents.PutEvents' }, 'events'],
  [{ 'x-amz-target': 'AWSEvents.PutEvents' }, 'AWSEvents'],
  [{ 'x-amz-target': 'DynamoDBStreams_20120810.ListStreams' }, 'DynamoDBStreams_20120810'],
  [signed('s3'), undefined],
  [{ ...signed('dynamodb'), 'x-amz-target': 'DynamoDB_20120810.GetItem' }, undefined],
  [{ authorization: 'Bearer x' }, undefined],
  [{}, undefined],
])('the service that is missing for %j is %s', (headers, service) => {
  expect(missingService(headers)).toBe(service);
});
