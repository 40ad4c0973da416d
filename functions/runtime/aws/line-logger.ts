import type { LogFields, Logger } from '../ports.ts';
import { loggable } from './loggable.ts';

/**
 * A logger that writes each line, in the JSON of the agents' logs, to `writeLine`. Lines of level debug are left out, as Lambda does
 * by default.
 *
 * @param bound fields of every line
 */
export function lineLogger(writeLine: (line: string) => void, bound: LogFields): Logger {
  const write =
    (level: 'INFO' | 'WARN' | 'ERROR') =>
    (message: string, fields: LogFields = {}): void =>
      writeLine(JSON.stringify({ level, message, timestamp: new Date().toISOString(), ...bound, ...loggable(fields) }));
  return {
    debug: () => undefined,
    info: write('INFO'),
    warn: write('WARN'),
    error: write('ERROR'),
    child: (fields) => lineLogger(writeLine, { ...bound, ...loggable(fields) }),
  };
}
