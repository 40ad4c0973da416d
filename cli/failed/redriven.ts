import { CliError } from '../cli-error.ts';
import { envelopeIn, type Failure } from './failed-message.ts';
import { setGeneration } from './set-generation.ts';

/** The ledger's highest generation. @see events/envelope.ts */
const MAX_GENERATION = 1_000;

/**
 * The body with which a message goes back into the inbox.
 *
 * A message with a recorded failure has a ledger record that blocks its generation: it goes back as the next one. One that
 * SQS moved by itself has no outcome, nothing was committed for it: it goes back unchanged. So does a body that is not an
 * envelope: there is nowhere to put a generation, and no record that would block it.
 *
 * @throws CliError when there is no next generation, and for a `Conflict`, which would be one again
 */
export function redriven(body: string, failure: Failure | undefined): { readonly body: string; readonly generation: number | undefined } {
  const envelope = envelopeIn(body);
  if (envelope === undefined) return { body, generation: undefined };
  if (failure === undefined) return { body, generation: envelope.generation ?? 0 };
  if (failure.code === 'Conflict') {
    throw new CliError('its id belongs to other data: it would be rejected again. Send its data as an event with an id of its own');
  }
  const generation = failure.generation + 1;
  if (!(generation <= MAX_GENERATION)) throw new CliError(`it has been redriven ${MAX_GENERATION} times: send its data as a new event`);
  return { body: setGeneration(body, generation), generation };
}
