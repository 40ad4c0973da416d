import { expect, it } from 'vitest';
import { CliError } from '../../../cli/cli-error.ts';
import { otlpContext } from '../../../cli/commands/dev/otlp-context.ts';

const LOCAL = 'http://localhost:4318';

it.each([
  ['nothing is set', {}, {}],
  ['it is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, {}],
  ['the endpoint is set', { OTEL_EXPORTER_OTLP_ENDPOINT: LOCAL }, { otlpEndpoint: LOCAL }],
  [
    'traces have their own',
    { OTEL_EXPORTER_OTLP_ENDPOINT: LOCAL, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://example.com/v1/traces' },
    { otlpEndpoint: 'https://example.com/v1/traces' },
  ],
  ['OpenTelemetry is disabled', { OTEL_EXPORTER_OTLP_ENDPOINT: LOCAL, OTEL_SDK_DISABLED: 'true' }, {}],
])('the endpoint of the shell where %s', (_what, variables, context) => {
  expect(otlpContext(variables)).toEqual(context);
});

it('an endpoint that is not allowed is refused by its variable', () => {
  const refused = () => otlpContext({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example.com:4318' });

  expect(refused).toThrow(CliError);
  expect(refused).toThrow(/^OTEL_EXPORTER_OTLP_ENDPOINT must begin with https/);
});
