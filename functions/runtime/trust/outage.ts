/**
 * The first delay of a message whose sender cannot be decided now. Ten receives last half an hour on average, and after them SQS
 * moves the message undecided.
 */
export const OUTAGE_BASE_SECONDS = 15;
