import { devNull } from 'node:os';
import { join } from 'node:path';
import type { Stub } from '../stub/start-stub.ts';
import { IDEMPOTENCY_TABLE, LEDGER_TABLE, METRICS_TABLE, REGISTRY_TABLE } from '../stub/table-names.ts';

/** The two sides of the comparison: the mesh's runtime, and the usual alternative. */
export const CONTESTANTS = ['posthorn', 'powertools'] as const;

export type Contestant = (typeof CONTESTANTS)[number];

/** The module to bundle. */
export const entryOf = (contestant: Contestant): string => join(import.meta.dirname, `${contestant}.ts`);

/** The environment of either function, with the stub as AWS. */
export function functionEnvironment({ endpoint, token }: Pick<Stub, 'endpoint' | 'token'>): Readonly<Record<string, string>> {
  const queue = (name: string) => `${endpoint}/000000000000/${name}`;
  return {
    PATH: process.env.PATH ?? '',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: 'relay',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    POSTHORN_LEDGER_TABLE: LEDGER_TABLE,
    POSTHORN_REGISTRY_TABLE: REGISTRY_TABLE,
    POSTHORN_METRICS_TABLE: METRICS_TABLE,
    POSTHORN_AUTHENTICATION: 'jwt',
    BENCH_TOKEN: token,
    POSTHORN_CONTENT_BUCKET: 'posthorn-bench-content',
    POSTHORN_ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:alerts',
    POSTHORN_INBOX_URL: queue('posthorn-bench-relay-inbox'),
    POSTHORN_ERROR_QUEUE_URL: queue('errors'),
    POSTHORN_DEAD_LETTER_QUEUE_URL: queue('dlq'),
    POSTHORN_REPLIES_QUEUE_URL: queue('replies'),
    POSTHORN_TARGETS: JSON.stringify({ inboxUrl: queue('{agent}'), agents: ['sink'] }),
    POSTHORN_MAX_RECEIVES: '10',
    POSTHORN_JOURNEY_SAMPLING: '1',
    IDEMPOTENCY_TABLE,
    SINK_URL: queue('sink'),
  };
}
