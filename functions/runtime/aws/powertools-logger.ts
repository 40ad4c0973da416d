import type { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import { errorText } from '../failure/error-property.ts';
import type { LogFields, Logger } from '../ports.ts';
import { loggable } from './loggable.ts';

/**
 * Structured JSON lines by Powertools; a child's fields are its own, so messages handled side by side do not mix. Never
 * throws, and writes of errors only what {@link loggable} takes.
 */
export function logTo(logger: PowertoolsLogger): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void =>
      logger[level](textOf(message), loggable(fields));
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields: LogFields) => logTo(logger.createChild({ persistentKeys: { ...loggable(fields) } })),
  };
}

/** Agents in JavaScript may log anything. */
const textOf = (message: unknown): string => (typeof message === 'string' ? message : (errorText(message, 'message') ?? typeof message));
