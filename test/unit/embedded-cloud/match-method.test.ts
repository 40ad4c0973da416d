import { expect, test } from 'vitest';
import { isBinary } from '../../../local/services/api/is-binary.ts';
import { matchMethod } from '../../../local/services/api/match-method.ts';
import type { ApiMethod } from '../../../local/template/deployed-api.ts';

const method = (name: string): ApiMethod => {
  const [httpMethod = '', path = ''] = name.split(' ');
  return {
    ...{ httpMethod, path, resourceId: path, authorization: 'NONE', timeoutMs: 1 },
    function: {
      ...{ name: 'f', arn: 'arn', roleArn: 'role', codeDirectory: '/', codeKey: 'k', handler: 'index.handler', timeoutSeconds: 3 },
      ...{ memoryMegabytes: 128, environment: {}, logging: { format: 'Text', level: 'INFO', group: 'g' } },
    },
  };
};
const METHODS = [
  ...['ANY /{proxy+}', 'GET /{id}', 'GET /agents', 'ANY /agents', 'GET /agents/{id}', 'GET /{kind}/list', 'ANY /agents/{id}/{rest+}'],
].map(method);

test.each([
  ['GET', '/agents', 'GET /agents', {}],
  ['POST', '/agents', 'ANY /agents', {}],
  ['GET', '/agents/', 'GET /agents', {}],
  ['GET', '/other', 'GET /{id}', { id: 'other' }],
  ['POST', '/other', 'ANY /{proxy+}', { proxy: 'other' }],
  ['GET', '/agents/list', 'GET /agents/{id}', { id: 'list' }],
  ['GET', '/doubles/list', 'GET /{kind}/list', { kind: 'doubles' }],
  ['POST', '/agents/a', 'ANY /{proxy+}', { proxy: 'agents/a' }],
  ['GET', '/agents/a/b/c', 'ANY /agents/{id}/{rest+}', { id: 'a', rest: 'b/c' }],
  ['GET', '/agents/a%2Fb', 'GET /agents/{id}', { id: 'a/b' }],
  ['GET', '/agents/100%', 'GET /agents/{id}', { id: '100%' }],
  ['GET', '/agents//b', 'ANY /{proxy+}', { proxy: 'agents//b' }],
])('%s %s is answered by %s', (httpMethod, path, expected, pathParameters) => {
  for (const methods of [METHODS, METHODS.toReversed()]) {
    const matched = matchMethod(methods, httpMethod, path);

    expect(matched && `${matched.method.httpMethod} ${matched.method.path}`).toBe(expected);
    expect(matched?.pathParameters).toEqual(pathParameters);
  }
});

test('the root has a method of its own, which {proxy+} does not replace', () => {
  expect(matchMethod(METHODS, 'GET', '/')).toBeUndefined();
  expect(matchMethod([...METHODS, method('GET /')], 'GET', '/')?.method.path).toBe('/');
});

test.each([
  [['image/*'], 'image/png', true],
  [['image/png'], 'IMAGE/PNG; q=1, text/html', true],
  [['image/png'], 'text/html, image/png', false],
  [['image/*'], undefined, false],
  [['*/*'], undefined, true],
  [[], 'image/png', false],
])('of the binary media types %j, %s is binary: %s', (types, mediaType, expected) => {
  expect(isBinary(types, mediaType)).toBe(expected);
});
