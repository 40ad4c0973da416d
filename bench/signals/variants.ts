import { join } from 'node:path';
import type { Stub } from '../stub/start-stub.ts';

/** Of ten journeys, those that are indexed and traced. */
export const SHARES = [10, 1, 0] as const;

/** A function, and what it tells about its messages. */
export interface Variant {
  readonly name: string;
  /** The module to bundle. */
  readonly entry: string;
  readonly sampledOfTen: number;
  readonly environment: Readonly<Record<string, string>>;
}

const entryOf = (name: string): string => join(import.meta.dirname, `../compare/${name}.ts`);

const sampled = (share: number): string => `${share * 10}%`;

/** Both contestants with metrics, and with metrics and traces: those that sample at each share. */
export const variants = ({ endpoint, daemonAddress }: Pick<Stub, 'endpoint' | 'daemonAddress'>): readonly Variant[] => [
  ...SHARES.flatMap((sampledOfTen): readonly Variant[] => {
    const journeys = { POSTHORN_JOURNEY_SAMPLING: String(sampledOfTen / 10) };
    const exported = { POSTHORN_OTLP_ENDPOINT: `${endpoint}/v1/traces`, POSTHORN_TRACE_SAMPLING: String(sampledOfTen / 10) };
    return [
      { name: `posthorn, journeys ${sampled(sampledOfTen)}`, entry: entryOf('posthorn'), sampledOfTen, environment: journeys },
      {
        name: `posthorn, journeys and traces ${sampled(sampledOfTen)}`,
        entry: entryOf('posthorn'),
        sampledOfTen,
        environment: { ...journeys, ...exported },
      },
    ];
  }),
  { name: POWERTOOLS_METRICS, entry: entryOf('powertools'), sampledOfTen: 0, environment: {} },
  ...SHARES.map((sampledOfTen) => ({
    name: `powertools, Metrics and Tracer ${sampled(sampledOfTen)}`,
    entry: entryOf('powertools-tracer'),
    sampledOfTen,
    // By the first, X-Ray's SDK knows that it runs in Lambda.
    environment: { LAMBDA_TASK_ROOT: '/var/task', _HANDLER: 'index.handler', AWS_XRAY_DAEMON_ADDRESS: daemonAddress },
  })),
];

/** With which the others are compared. */
export const POWERTOOLS_METRICS = 'powertools, Metrics';
