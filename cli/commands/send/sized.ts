import type { ContentBucket } from '../../content-bucket.ts';

/**
 * What SQS counts for a message: its body, and the names, types and values of its attributes, in UTF-8.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export function messageBytes(
  body: string,
  attributes: Readonly<
    Record<
      string,
      { readonly DataType?: string | undefined; readonly StringValue?: string | undefined; readonly BinaryValue?: Uint8Array | undefined }
    >
  > = {},
): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue) + (BinaryValue?.length ?? 0);
  }
  return bytes;
}

/** JSON that SQS takes: the two characters that it refuses are escaped. */
export const toBody = (event: unknown): string =>
  JSON.stringify(event).replace(/[\ufffe\uffff]/g, (refused) => `\\u${refused.charCodeAt(0).toString(16)}`);

/**
 * Puts an event's data into the content bucket, and a claim check in its place.
 *
 * The bytes are what a receiver would have had inline: text as it is where the media type is not JSON, otherwise the JSON.
 */
export async function withClaimCheck(
  event: Readonly<Record<string, unknown>>,
  bucket: ContentBucket,
): Promise<Readonly<Record<string, unknown>>> {
  const { data, ...rest } = event;
  const contentType = typeof event.datacontenttype === 'string' ? event.datacontenttype : 'application/json';
  const isJson = /^[^;]*[/+]json\s*(;|$)/i.test(contentType);
  const bytes = Buffer.from(typeof data === 'string' && !isJson ? data : JSON.stringify(data));
  return { ...rest, datacontenttype: contentType, ...(await bucket.put(bytes, contentType)) };
}
