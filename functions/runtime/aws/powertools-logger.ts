import type { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import type { LogFields, Logger } from '../ports.ts';

/**
 * Structured JSON lines by Powertools; a child's fields are its own, so messages handled side by side do not mix. Never
 * throws: fields that have no form (an error that is its own cause, a getter that throws) are left out, and the line says so.
 */
export function logTo(logger: PowertoolsLogger): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void => {
      try {
        logger[level](message, fields);
      } catch {
        logger[level](message, { unloggable: Object.keys(fields) });
      }
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields: LogFields) => logTo(logger.createChild({ persistentKeys: { ...fields } })),
  };
}
