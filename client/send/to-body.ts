/** JSON with the two characters escaped that SQS refuses. */
export const toBody = (event: unknown): string =>
  JSON.stringify(event).replace(/[\ufffe\uffff]/g, (refused) => `\\u${refused.charCodeAt(0).toString(16)}`);
