import { MAX_GENERATION, MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import type { Failure } from '../../events/failure-attributes.ts';
import { NotRedrivableError } from '../errors.ts';
import { readEnvelope } from '../read-envelope.ts';
import { messageBytes } from '../send/message-bytes.ts';
import type { Attributes } from './redriven-attributes.ts';
import { setGeneration } from './set-generation.ts';

/** The message that goes back into the inbox. */
export interface RedrivenBody {
  readonly body: string;
  /** `undefined` if the body is not an envelope. */
  readonly generation: number | undefined;
}

/**
 * The body with which a message goes back into the inbox.
 *
 * A message with a recorded failure has a ledger record that blocks its generation, so it goes back with the next one. A message that
 * SQS moved by itself has no outcome, so it goes back unchanged. A body that is not an envelope goes back unchanged, too: it has no
 * place for a generation, and no record blocks it.
 *
 * @param attributes those that it is sent with, which count towards SQS's size limit
 * @throws NotRedrivableError when there is no next generation or no room for it or for the attributes, and for a `Conflict`, which would
 *   conflict again
 */
export function redrivenBody(body: string, failure: Failure | undefined, attributes: Attributes = {}): RedrivenBody {
  const redriven = withGeneration(body, failure);
  const missing = messageBytes(redriven.body, attributes) - MAX_MESSAGE_BYTES;
  if (missing <= 0) return redriven;
  const isFilledByBody = messageBytes(redriven.body) > MAX_MESSAGE_BYTES;
  const names = Object.keys(attributes).sort().join(', ');
  const purpose = isFilledByBody ? 'its generation' : `the attributes that it is sent with (${names})`;
  // A claim check would change the data's digest, and the ledger would reject the message as a conflict.
  throw new NotRedrivableError(
    `it fills its message, ${missing} ${missing === 1 ? 'byte is' : 'bytes are'} missing for ${purpose}: send its data as a new event, by reference`,
  );
}

function withGeneration(body: string, failure: Failure | undefined): RedrivenBody {
  const envelope = readEnvelope(body);
  if (envelope === undefined) return { body, generation: undefined };
  if (failure === undefined) return { body, generation: envelope.generation ?? 0 };
  if (failure.code === 'Conflict')
    throw new NotRedrivableError(
      'its id belongs to other data, so it would be rejected again: send its data as an event with an id of its own',
    );
  const generation = failure.generation + 1;
  if (!(generation <= MAX_GENERATION))
    throw new NotRedrivableError(`it has been redriven ${MAX_GENERATION} times: send its data as a new event`);
  return { body: setGeneration(body, generation), generation };
}
