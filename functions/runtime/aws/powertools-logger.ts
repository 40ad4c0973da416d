import type { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import type { LogFields, Logger } from '../ports.ts';

/** Structured JSON lines by Powertools; a child's fields are its own, so messages handled side by side do not mix. */
export function logTo(logger: PowertoolsLogger): Logger {
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    child: (fields: LogFields) => logTo(logger.createChild({ persistentKeys: { ...fields } })),
  };
}
