import { expect, it } from 'vitest';
import { cloudWatchRegion, otlpTracesUrl } from '../../../events/otlp-endpoint.ts';

it.each([
  ['http://localhost:4318', 'http://localhost:4318/v1/traces'],
  ['http://localhost:4318/', 'http://localhost:4318/v1/traces'],
  ['https://otlp.example.com/team/', 'https://otlp.example.com/team/v1/traces'],
  ['https://otlp.example.com/v1/traces?key=1', 'https://otlp.example.com/v1/traces?key=1'],
  ['https://xray.eu-central-1.amazonaws.com/v1/traces', 'https://xray.eu-central-1.amazonaws.com/v1/traces'],
])('traces for %s go to %s', (endpoint, url) => {
  expect(otlpTracesUrl(endpoint)).toBe(url);
});

it.each([
  ['https://xray.eu-central-1.amazonaws.com/v1/traces', 'eu-central-1'],
  ['https://xray.cn-north-1.amazonaws.com.cn/v1/traces', 'cn-north-1'],
  ['https://xray.eu-central-1.amazonaws.com.example.com/v1/traces', undefined],
  ['https://example.com/xray.eu-central-1.amazonaws.com', undefined],
  ['nowhere', undefined],
])('%s is CloudWatch in %s', (endpoint, region) => {
  expect(cloudWatchRegion(endpoint)).toBe(region);
});
