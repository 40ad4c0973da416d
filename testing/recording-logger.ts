import type { LogFields, Logger } from '../functions/runtime/ports.ts';
import type { LoggedLine } from './logged-line.ts';

/** A logger that records its lines. @param bound fields of every line */
export function recordingLogger(lines: LoggedLine[], bound: LogFields): Logger {
  const write =
    (level: LoggedLine['level']) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields: { ...bound, ...fields } });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => recordingLogger(lines, { ...bound, ...fields }),
  };
}
