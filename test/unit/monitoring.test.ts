import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXPOSED_METRIC_NAMES, EXPOSED_METRICS } from '../../events/exposed-metrics.ts';

const docs = join(import.meta.dirname, '../../docs');
const read = (name: string): string => readFileSync(join(docs, name), 'utf8');

/** The names of metrics and, of histograms and summaries, of their series. */
const series = EXPOSED_METRIC_NAMES.flatMap((name) => {
  const { type } = EXPOSED_METRICS[name];
  if (type === 'histogram') return [name, `${name}_bucket`, `${name}_sum`, `${name}_count`];
  return type === 'summary' ? [name, `${name}_sum`, `${name}_count`] : [name];
});

test.each(['monitoring/rules.yml', 'monitoring/rules.test.yml', 'monitoring/grafana-dashboard.json', 'monitoring.md'])(
  'every metric and every recorded series that %s names exists',
  (name) => {
    const recorded = [...read('monitoring/rules.yml').matchAll(/record: (\S+)/g)].map(([, record]) => record);
    const named = [...read(name).matchAll(/\bposthorn(:[\w:]+|_[a-z_]+)/g)].map(([found]) => found);

    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((found) => ![...series, ...recorded].includes(found))).toEqual([]);
  },
);

test('the documentation lists each metric with its labels and its meaning, as it is exposed', () => {
  const text = read('monitoring.md').replaceAll(/\n +/g, ' ');

  for (const name of EXPOSED_METRIC_NAMES) {
    const { type, labels, help } = EXPOSED_METRICS[name];
    expect(text).toContain(`- \`${name}{${labels.join(',')}}\` (${type}): ${help}`);
  }
});

test('the names are those that Prometheus expects', () => {
  for (const name of EXPOSED_METRIC_NAMES) {
    const { type, help } = EXPOSED_METRICS[name];
    expect(name).toMatch(/^posthorn_[a-z_]+$/);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect([name, name.endsWith('_info')]).toEqual([name, type === 'info']);
    expect(help).toMatch(/^[^\n\\"]+\.$/);
  }
});
