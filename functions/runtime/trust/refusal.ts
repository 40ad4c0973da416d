import { PermanentError } from '../failure/errors.ts';

/** The message's sender is not known, or may not send it. The agent's `classify` has no say in it. */
export class Refusal extends PermanentError {}
