/** JSON that SQS takes: the two characters that it refuses are escaped. */
export const toBody = (event: unknown): string =>
  JSON.stringify(event).replace(/[\ufffe\uffff]/g, (refused) => `\\u${refused.charCodeAt(0).toString(16)}`);
