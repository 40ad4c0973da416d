import * as z from 'zod/mini';
import type { LogLine } from '../../../local/lambda/function-worker.ts';

/** The same on each line of a function, or of no use on this machine. */
const OMITTED = new Set([
  ...['service', 'agent', 'version', 'cold_start', 'function_arn', 'function_memory_size', 'function_name', 'function_request_id'],
  ...['sampling_rate', 'xray_trace_id', '_aws', 'senderId', 'spanId', 'parentSpanId', 'generation'],
]);

/** A line break, to a terminal or an editor, or a character that turns the direction of what follows. JSON escapes the others itself. */
const BREAKING = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const fieldsSchema = z.record(z.string(), z.unknown());

/** One line of a log file for one line of a function: its name, and what it wrote, JSON without the fields that repeat. */
export function shortLogLine({ functionName, text }: LogLine): string {
  return `${functionName} ${shortened(text)}`.replaceAll(BREAKING, escaped);
}

function shortened(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    const fields = Object.entries(z.parse(fieldsSchema, JSON.parse(text)));
    return JSON.stringify(Object.fromEntries(fields.filter(([name, value]) => !OMITTED.has(name) && value !== 0)));
  } catch {
    // Text that only begins as JSON does.
    return text;
  }
}

const escaped = (character: string): string =>
  character === '\t' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
