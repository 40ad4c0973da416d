import type { RecordedError } from '../../../events/ledger-record.ts';

/** Every attempt of the message is used up before it is handled now: it is dead-lettered with what is on record. */
export class Exhausted extends Error {
  override readonly name = 'Exhausted';
  readonly recorded: RecordedError;

  constructor(recorded: RecordedError) {
    super(recorded.reason);
    this.recorded = recorded;
  }
}
