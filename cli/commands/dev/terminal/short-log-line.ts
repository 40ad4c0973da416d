import * as z from 'zod/mini';
import type { LogLine } from '../../../../local/lambda/function-worker.ts';

/** Fields that are the same on every line of a function, or useless on this machine. */
const OMITTED = new Set([
  ...['service', 'agent', 'version', 'cold_start', 'function_arn', 'function_memory_size', 'function_name', 'function_request_id'],
  ...['sampling_rate', 'xray_trace_id', '_aws', 'senderId', 'spanId', 'parentSpanId', 'generation'],
]);

/** Characters that break a line in terminals or editors, or change the text's direction. JSON escapes the other control characters. */
const BREAKING = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const fieldsSchema = z.record(z.string(), z.unknown());

/** A log file's line for a function's line: the function's name and its text. JSON loses the fields that repeat. */
export function shortLogLine({ functionName, text }: LogLine): string {
  return `${functionName} ${shortened(text)}`.replaceAll(BREAKING, escaped);
}

function shortened(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const fields = Object.entries(z.parse(fieldsSchema, JSON.parse(text)));
    return JSON.stringify(Object.fromEntries(fields.filter(([name, value]) => !OMITTED.has(name) && value !== 0)));
  } catch {
    // The text only starts like JSON.
    return text;
  }
}

const escaped = (character: string): string =>
  character === '\t' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
