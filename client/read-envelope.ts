import type { Envelope } from '../events/envelope.ts';
import { InvalidEnvelopeError, parseEnvelope } from '../events/parse-envelope.ts';

/** @returns `undefined` where the text is not an envelope that an agent would take */
export function readEnvelope(body: string): Envelope | undefined {
  try {
    return parseEnvelope(body);
  } catch (error) {
    if (error instanceof InvalidEnvelopeError) return undefined;
    throw error;
  }
}
