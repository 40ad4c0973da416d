import type { ContentBucket } from '../content-bucket.ts';

/**
 * Puts an event's data into the content bucket, and a claim check in its place.
 *
 * The bytes are what a receiver would have had inline: text as it is where the media type is not JSON, otherwise the JSON.
 */
export async function withClaimCheck(
  event: Readonly<Record<string, unknown>>,
  content: ContentBucket,
): Promise<Readonly<Record<string, unknown>>> {
  const { data, ...rest } = event;
  const contentType = typeof event.datacontenttype === 'string' ? event.datacontenttype : 'application/json';
  const isJson = /^[^;]*[/+]json\s*(;|$)/i.test(contentType);
  const bytes = Buffer.from(typeof data === 'string' && !isJson ? data : JSON.stringify(data));
  return { ...rest, datacontenttype: contentType, ...(await content.put(bytes, contentType)) };
}
