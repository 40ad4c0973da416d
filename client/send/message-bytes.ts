import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

/**
 * The size of a message as SQS counts it: its body, and the names, types and values of its attributes, in UTF-8.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export function messageBytes(
  body: string,
  attributes: Readonly<
    Record<string, Pick<MessageAttributeValue, 'StringValue' | 'BinaryValue'> & { readonly DataType?: string | undefined }>
  > = {},
): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue) + (BinaryValue?.length ?? 0);
  }
  return bytes;
}
