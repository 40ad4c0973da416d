import type { EventIdentity } from './prepare-event.ts';

/** An event that SQS has accepted. */
export interface SentEvent extends EventIdentity {
  /** The id that SQS assigned. */
  readonly messageId: string;
}
