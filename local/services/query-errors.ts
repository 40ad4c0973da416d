import { randomUUID } from 'node:crypto';

/** The API version in every request of SQS's Query protocol; SNS and STS use others. */
export const SQS_QUERY_VERSION = '2012-11-05';

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html */
export const SQS_QUERY_MESSAGE =
  'The embedded cloud speaks the JSON protocol of SQS only, and this SDK speaks the older Query protocol. ' +
  'Use boto3 1.28.82, AWS CLI 1.29.82 or 2.14, AWS SDK for JavaScript 3.447, for Java 2.21.19, for Go 2 1.28 (sqs), for .NET 3.7.681, or newer';

/** An error in the form of AWS's Query protocols. @param code e.g. `InvalidAction` */
export function queryError(code: string, message: string): string {
  return (
    '<?xml version="1.0"?>\n<ErrorResponse><Error><Type>Sender</Type>' +
    `<Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`
  );
}

function escaped(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
