import type { ContentBucket } from '../content-bucket.ts';

/**
 * Stores an event's data in the content bucket and replaces it with a claim check.
 *
 * The stored bytes equal the inline data: the text itself if the media type is not JSON, otherwise the JSON.
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
