import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import type { Logger } from '../ports.ts';
import { LineFormatter } from './log-formatter.ts';
import { logTo } from './powertools-logger.ts';

/** The mesh's own functions, by what their log lines have as `service`. */
export const SERVICE_IDS = ['authorizer', 'operations', 'probe', 'registry'] as const;

/** The logger of one of the mesh's own functions. Its lines have the fields of an agent's, see docs/logs.md. */
export const serviceLogger = (id: (typeof SERVICE_IDS)[number]): Logger =>
  logTo(new PowertoolsLogger({ serviceName: id, logFormatter: new LineFormatter() }));
