import { secureUrlFault } from '../../../events/secure-url.ts';
import { CliError } from '../../cli-error.ts';

/**
 * The setting `otlpEndpoint` of the shell's own OpenTelemetry variables: the agents export their spans where the developer's other programs
 * do, e.g. to a Jaeger on this machine. It wins over the project's setting.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 * @throws CliError if the endpoint is not allowed
 */
export function otlpContext(variables: Readonly<Record<string, string | undefined>>): { readonly otlpEndpoint?: string } {
  if (variables.OTEL_SDK_DISABLED === 'true') return {};
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    const otlpEndpoint = variables[name];
    if (otlpEndpoint === undefined || otlpEndpoint === '') continue;
    const fault = secureUrlFault(otlpEndpoint);
    if (fault === undefined) return { otlpEndpoint };
    throw new CliError(`${name} ${fault}`, { remedy: 'Change it, or unset it: spans are then not exported.' });
  }
  return {};
}
