import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { addMesh, RefusedError, readSettings } from '../../infra/index.ts';
import { fixtureAgents, type Synthesized, synthesize, synthesizeFixture } from './fixture-mesh.ts';
import { grantsIn } from './grants-in.ts';
import { propertiesOf } from './readable.ts';

const CLOUDWATCH = 'https://xray.eu-central-1.amazonaws.com/v1/traces';
const plain = synthesizeFixture();

const variablesOf = ({ agent, state }: Synthesized) =>
  propertiesOf(agent('asking'), state, 'AWS::Lambda::Function', 'AgentFunction').Environment;

/** What an agent may do only because it exports spans. */
function grantedForSpans(synthesized: Synthesized) {
  const [before, after] = [grantsIn(plain, 'asking'), grantsIn(synthesized, 'asking')];
  expect(after).toMatchObject(before);
  return Object.fromEntries(Object.entries(after).filter(([sid]) => !(sid in before)));
}

describe('an agent that exports its spans', () => {
  test('to any endpoint, gets no permission and no placeholder warning', () => {
    const synthesized = synthesizeFixture({ otlpEndpoint: 'https://otlp.example.com' });

    expect(variablesOf(synthesized)).toMatchObject({ Variables: { POSTHORN_OTLP_ENDPOINT: 'https://otlp.example.com' } });
    expect(variablesOf(synthesized)).not.toHaveProperty('Variables.POSTHORN_OTLP_HEADERS_PARAMETER');
    expect(grantedForSpans(synthesized)).toEqual({});
    expect(synthesized.warnings).toEqual(plain.warnings);
  });

  test('with headers from a parameter, may read that one, and the template has the name alone', () => {
    const synthesized = synthesizeFixture({ otlpEndpoint: 'https://otlp.example.com', otlpHeadersParameter: '/acme/otlp-headers' });

    expect(variablesOf(synthesized)).toMatchObject({ Variables: { POSTHORN_OTLP_HEADERS_PARAMETER: '/acme/otlp-headers' } });
    expect(grantedForSpans(synthesized)).toEqual({
      ReadOtlpHeaders: { can: ['ssm:GetParameter'], on: ['arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter/acme/otlp-headers'] },
    });
    expect(JSON.stringify(synthesized.agent('asking').toJSON())).not.toContain('resolve:ssm');
  });

  test('to CloudWatch, may add spans there, also where AWS issues its tokens', () => {
    const spans = { ExportSpans: { can: ['xray:PutSpans', 'xray:PutTraceSegments'], on: ['*'] } };

    expect(grantedForSpans(synthesizeFixture({ otlpEndpoint: CLOUDWATCH }))).toEqual(spans);
    const withTokens = synthesizeFixture({ otlpEndpoint: CLOUDWATCH, authentication: 'jwt', issuersElsewhere: true });
    expect(grantedForSpans(withTokens)).toMatchObject({ ...spans, GetTokens: {} });
  });

  test('to CloudWatch, breaks no rule of cdk-nag', () => {
    const { reports } = synthesize({ otlpEndpoint: CLOUDWATCH }, (app) => {
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
      addMesh(app, { agents: fixtureAgents });
    });

    expect(reports.flatMap(({ violations }) => violations)).toEqual([]);
  });
});

test('an agent that exports none has nothing of it', () => {
  expect(JSON.stringify(plain.agent('asking').toJSON())).not.toMatch(/OTLP|xray/i);
});

test.each([
  ['plain http', { otlpEndpoint: 'http://collector.example.com' }],
  ['no URL', { otlpEndpoint: 's3cret' }],
  ['credentials in the URL', { otlpEndpoint: 'https://user:s3cret@example.com' }],
  ['headers without an endpoint', { otlpHeadersParameter: '/acme/otlp-headers' }],
  ['headers in place of the name of their parameter', { otlpEndpoint: CLOUDWATCH, otlpHeadersParameter: '{"x-api-key":"s3cret"}' }],
])('settings with %s are refused, without their values', (_what, context) => {
  const refused = () => readSettings(context);

  expect(refused).toThrow(RefusedError);
  expect(refused).toThrow(/setting 'otlp(Endpoint|HeadersParameter)'/);
  expect(refused).not.toThrow(/s3cret/);
});
