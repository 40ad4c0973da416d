import { Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { CONTENT_TYPES, EXPOSITION_FORMATS, type ExpositionFormat, exposition } from './exposition.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { metricFamilies } from './metric-families.ts';
import type { OperationsPorts } from './operations-ports.ts';

const isFormat = (name: string): name is ExpositionFormat => EXPOSITION_FORMATS.some((format) => format === name);

/** `GET /metrics`: all metrics of all agents, in the format that the client prefers. */
export function metricsRoute({ latest }: Pick<OperationsPorts, 'latest'>): Hono {
  const route = new Hono();
  route.get('/', async (context) => {
    const format = accepts(context, { header: 'Accept', supports: [...EXPOSITION_FORMATS], default: 'text/plain' });
    const known = isFormat(format) ? format : 'text/plain';
    return context.body(exposition(metricFamilies(await latest()), known), 200, { 'Content-Type': CONTENT_TYPES[known], Vary: 'Accept' });
  });
  route.all('/', methodNotAllowed);
  return route;
}
