import type { RecordedError } from '../../../events/ledger-record.ts';

/** The message has used up its attempts before it is handled: it is dead-lettered with the recorded error. */
export class Exhausted extends Error {
  override readonly name = 'Exhausted';
  readonly recorded: RecordedError;

  constructor(recorded: RecordedError) {
    super(recorded.reason);
    this.recorded = recorded;
  }
}
