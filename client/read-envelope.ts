import type { Envelope } from '../events/envelope.ts';
import { InvalidEnvelopeError, parseEnvelope } from '../events/parse-envelope.ts';

/** @returns `undefined` if an agent would not accept the text as an envelope */
export function readEnvelope(body: string): Envelope | undefined {
  try {
    return parseEnvelope(body);
  } catch (error) {
    if (error instanceof InvalidEnvelopeError) return undefined;
    throw error;
  }
}
