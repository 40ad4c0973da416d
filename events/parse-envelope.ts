import * as z from 'zod/mini';
import { describeIssues, kindOf } from './describe-issues.ts';
import { type Envelope, envelopeSchema } from './envelope.ts';
import { parseSafeJson } from './safe-json.ts';

/** The body of a message is not an envelope. The error's message names the field, the kind of its value and what it must be. */
export class InvalidEnvelopeError extends Error {
  override readonly name = 'InvalidEnvelopeError';
  readonly code = 'InvalidEnvelope';
}

/**
 * Parses and validates the body of an SQS message.
 *
 * @throws InvalidEnvelopeError naming the wrong field, the kind of its value and what it must be
 * @example
 * ```ts
 * parseEnvelope('{"specversion":"1.0","id":"1","source":"https://shop.example.com","type":"order","time":"2026-01-01T00:00:00Z"}');
 * ```
 */
export function parseEnvelope(body: string): Envelope {
  let value: unknown;
  try {
    value = parseSafeJson(body);
  } catch (cause) {
    throw invalid(`the body ${cause instanceof Error ? cause.message : cause}: send a CloudEvents 1.0 event as JSON`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`the body is ${kindOf(value)}: send a CloudEvents 1.0 event, a JSON object`);
  }
  const parsed = z.safeParse(envelopeSchema, value);
  if (!parsed.success) throw invalid(describeIssues(parsed.error, value), parsed.error);
  return parsed.data;
}

const invalid = (reason: string, cause?: unknown) => new InvalidEnvelopeError(reason, { cause });
