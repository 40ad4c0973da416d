import { EXPOSED_METRICS } from '../../../events/exposed-metrics.ts';
import type { MetricFamily, Sample } from './metric-families.ts';

/** The text formats of metrics: their names are media types. */
export const EXPOSITION_FORMATS = ['text/plain', 'application/openmetrics-text'] as const;
/** A text format of metrics. */
export type ExpositionFormat = (typeof EXPOSITION_FORMATS)[number];

/** The `Content-Type` of a format. */
export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  'text/plain': 'text/plain; version=0.0.4; charset=utf-8',
  'application/openmetrics-text': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/**
 * Writes metrics as Prometheus reads them.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function exposition(families: readonly MetricFamily[], format: ExpositionFormat): string {
  const isOpen = format === 'application/openmetrics-text';
  const lines = families.flatMap(({ name, samples }) => {
    const { type, help } = EXPOSED_METRICS[name];
    // OpenMetrics names a family without the suffix of its samples, and Prometheus' own format has no infos.
    const family = isOpen ? name.replace(/_(total|info)$/, '') : name;
    const shownType = type === 'info' && !isOpen ? 'gauge' : type;
    return [`# HELP ${family} ${help}`, `# TYPE ${family} ${shownType}`, ...samples.map((sample) => line(name, sample))];
  });
  return [...lines, ...(isOpen ? ['# EOF'] : []), ''].join('\n');
}

function line(name: string, { suffix, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${suffix ?? ''}{${pairs.join(',')}} ${value}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

/** Half a surrogate pair has no form in UTF-8. */
const escaped = (text: string): string => text.toWellFormed().replace(/[\\"\n]/g, (character) => ESCAPES[character] ?? character);
