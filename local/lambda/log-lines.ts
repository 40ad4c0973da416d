import { format as formatText } from 'node:util';
import type { Failure } from './worker-messages.ts';

/** A function's log format: the template's `LoggingConfig`. */
export interface Logging {
  readonly format: 'JSON' | 'Text';
  /** The lowest level that `console` writes in JSON. In text it writes every level. */
  readonly level: LogLevel;
  /** The log group's name, which functions find in their environment. */
  readonly group: string;
}

export const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * The line that Lambda's Node.js runtime writes for a call of `console`.
 *
 * @param requestId absent during initialisation
 * @param values the arguments of the call
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function consoleLine(format: Logging['format'], level: LogLevel, requestId: string | undefined, values: readonly unknown[]): string {
  const timestamp = new Date().toISOString();
  if (format === 'Text') return `${timestamp}\t${requestId}\t${level}\t${formatText(...values)}`;
  const line = { timestamp, level, requestId };
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...line, message: values[0] }, (_, value) =>
        value instanceof Error ? { ...errorFields(value), ...value } : value,
      );
    } catch {
      // JSON has no circular values and no bigint.
      return JSON.stringify({ ...line, message: formatText(values[0]) });
    }
  }
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify({ ...line, message: formatText(...values), ...(error && errorFields(error)) });
}

function errorFields(error: Error): object {
  return { errorType: error.constructor.name, errorMessage: error.message, stackTrace: error.stack?.split('\n') };
}

/** The line that Lambda's Node.js runtime writes for an uncaught error of the function. */
export function failureLine(
  format: Logging['format'],
  title: 'Invoke Error' | 'Uncaught Exception',
  requestId: string | undefined,
  { errorType, errorMessage, stack }: Failure,
): string {
  const lines = stack.split('\n');
  return format === 'JSON'
    ? consoleLine(format, 'ERROR', requestId, [{ errorType, errorMessage, stackTrace: lines }])
    : consoleLine(format, 'ERROR', requestId, [title, `\t${JSON.stringify({ errorType, errorMessage, stack: lines })}`]);
}

/**
 * A JSON line of the Lambda platform.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */
export function platformLine(type: 'platform.report' | 'platform.initReport', record: object): string {
  return JSON.stringify({ time: new Date().toISOString(), type, record });
}
