import { MAX_GENERATION, MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import type { Failure } from '../../events/failure-attributes.ts';
import { NotRedrivableError } from '../errors.ts';
import { readEnvelope } from '../read-envelope.ts';
import { messageBytes } from '../send/message-bytes.ts';
import type { FailedMessage } from './failed-message.ts';
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
 * @param attributes the message attributes, which count towards SQS's size limit
 * @throws NotRedrivableError when there is no next generation or no room for it, and for a `Conflict`, which would conflict again
 */
export function redrivenBody(body: string, failure: Failure | undefined, attributes: FailedMessage['attributes'] = {}): RedrivenBody {
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
  const next = setGeneration(body, generation);
  const missing = messageBytes(next, attributes) - MAX_MESSAGE_BYTES;
  if (missing <= 0) return { body: next, generation };
  // A claim check would change the data's digest, and the ledger would reject the message as a conflict.
  throw new NotRedrivableError(
    `it fills its message, ${missing} ${missing === 1 ? 'byte is' : 'bytes are'} missing for its generation: send its data as a new event, by reference`,
  );
}
