import type { ContentReference } from '../../../events/content-reference.ts';
import type { Envelope } from '../../../events/envelope.ts';
import { parseSafeJson } from '../../../events/safe-json.ts';
import { SPAN_NAMES } from '../../../events/span-names.ts';
import { decodeUtf8, InlineContent, StoredContent } from '../content/content-access.ts';
import { PermanentError } from '../failure/errors.ts';
import type { Runtime } from '../runtime.ts';
import { inSpan } from '../tracing/in-span.ts';
import type { Step } from './step.ts';

/**
 * Makes the message's data: JSON behind a claim check is fetched now, because the schema needs it; any
 * other content is a {@link Content} that fetches its bytes on first use.
 *
 * @throws PermanentError `ContentRefused`, `ContentTooLarge`, `ContentMismatch`; TransientError `ContentStoreUnavailable`
 */
export const resolveContent = ({ contentAccess }: Pick<Runtime, 'contentAccess'>): Step => ({
  before: async function resolveContent({ event: delivery }) {
    const { envelope } = delivery;
    const contentType = mediaTypeOf(envelope);
    const reference = referenceOf(envelope, contentType);
    if (reference) contentAccess.keyOf(reference);
    const read = (from: ContentReference) => inSpan(delivery, SPAN_NAMES.readContent, () => contentAccess.read(from));
    if (isJson(contentType)) delivery.data = reference ? parseContent(await read(reference)) : envelope.data;
    else delivery.data = reference ? new StoredContent(reference, () => read(reference)) : inlineContent(envelope, contentType);
  },
});

/** @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#31-handling-of-data */
const mediaTypeOf = ({ datacontenttype = 'application/json' }: Envelope): string =>
  (datacontenttype.split(';', 1)[0] ?? '').trim().toLowerCase();

const isJson = (mediaType: string): boolean => mediaType === 'application/json' || mediaType.endsWith('+json');

function referenceOf({ dataref, datadigest, datasize }: Envelope, contentType: string): ContentReference | undefined {
  if (dataref === undefined || datadigest === undefined || datasize === undefined) return undefined;
  return { uri: dataref, digest: datadigest, sizeBytes: datasize, contentType };
}

function parseContent(bytes: Uint8Array): unknown {
  try {
    return parseSafeJson(decodeUtf8(bytes));
  } catch (cause) {
    if (cause instanceof PermanentError) throw cause;
    throw new PermanentError('ContentMismatch', `the content behind dataref ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function inlineContent({ data }: Envelope, contentType: string): InlineContent {
  if (typeof data === 'string') return new InlineContent(data, contentType);
  throw new PermanentError(
    'ContentMismatch',
    `data: must be a string where datacontenttype is ${contentType}; send other content by dataref`,
  );
}
