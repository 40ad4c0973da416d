import { PermanentError } from '../failure/errors.ts';

/** The message's sender is not known, or may not send it. The agent's `classify` does not see it. */
export class Refusal extends PermanentError {
  /** Who sent the message again may do so; the refusal is about the sender of the original. */
  concernsOriginal = false;
}
