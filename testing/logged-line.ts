import type { LogFields } from '../functions/runtime/ports.ts';

/** A line that a handler logged. */
export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}
