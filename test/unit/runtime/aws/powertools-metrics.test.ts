import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { metricsOf } from '../../../../functions/runtime/aws/powertools-metrics.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { recordOf, startProcess } from '../pipeline/testing-agent.ts';

const written: string[] = [];

beforeEach(() => {
  written.length = 0;
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.spyOn(console, 'log').mockImplementation((line) => void written.push(String(line)));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const lines = () => written.map((line) => JSON.parse(line));
const warned = (ports: MemoryPorts) => ports.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields.metric);

function openMetrics() {
  const ports = new MemoryPorts();
  return { ports, metrics: metricsOf('testing', ports.logger) };
}

describe('metricsOf', () => {
  it('writes a line for what was recorded since the last one, and none for nothing', () => {
    const { metrics, ports } = openMetrics();

    metrics.count('orders', 2);
    metrics.duration('charge', 12);
    metrics.flush();
    metrics.flush();

    expect(lines()).toMatchObject([{ service: 'testing', orders: 2, charge: 12 }]);
    expect(warned(ports)).toEqual([]);
  });

  it('leaves out a metric whose unit has changed, and reports it once', () => {
    const { metrics, ports } = openMetrics();

    for (const increment of [1, 2]) {
      metrics.count('charge', increment);
      metrics.duration('charge', 12);
      metrics.flush();
    }

    expect(lines()).toMatchObject([{ charge: 1 }, { charge: 2 }]);
    expect(warned(ports)).toEqual(['charge']);
  });

  it.each([
    ['no name', '', 1],
    ['a name that is too long', 'n'.repeat(256), 1],
    ["the agent's name for a name", 'service', 1],
    ['the name of what the line is', '_aws', 1],
    ['a name that every object has', 'constructor', 1],
    ['no number', 'n', Number.NaN],
    ['no end', 'n', Number.POSITIVE_INFINITY],
  ])('leaves out a metric with %s, and nothing else', (_what, name, value) => {
    const { metrics, ports } = openMetrics();

    metrics.count(name, value);
    metrics.duration(name, value);
    metrics.count('orders', 2);
    metrics.flush();

    expect(lines()).toMatchObject([{ service: 'testing', orders: 2, _aws: { CloudWatchMetrics: [{ Metrics: [{ Name: 'orders' }] }] } }]);
    expect(warned(ports)).toEqual([name]);
  });

  it('goes on when the line cannot be written', () => {
    const { metrics, ports } = openMetrics();
    const error = new Error('no space left');
    vi.mocked(console.log).mockImplementationOnce(() => {
      throw error;
    });

    metrics.count('orders', 1);
    metrics.flush();
    metrics.count('orders', 2);
    metrics.flush();

    expect(lines()).toMatchObject([{ orders: 2 }]);
    expect(ports.lines).toMatchObject([{ level: 'warn', fields: { error } }]);
  });

  it('decides no outcome', async () => {
    const { metrics, ports } = openMetrics();
    let charged = 0;
    const deliver = startProcess(Object.assign(ports, { metrics }), {
      async handle(_message, context) {
        context.counter('charge');
        await context.timer('charge', () => charged++);
        await context.timer('', () => undefined);
      },
    });

    expect(await deliver(createMessage('a'))).toEqual([]);
    expect(charged).toBe(1);
    expect(recordOf(ports, 'a')).toMatchObject({ outcome: 'processed', attempts: [] });
    expect(lines()).toMatchObject([{ charge: 1 }]);
  });
});
