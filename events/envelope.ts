import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

// zod/mini is small because it brings no error messages: senders need them.
z.config(en());

/** The largest SQS message: 1 MiB, body and attributes together. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/**
 * The largest data that an agent sends inline; larger data goes to S3 as a claim check. An outbox is stored in the ledger at one write
 * unit per KB ($0.625 per million): from 8 KB on that costs more than one S3 PUT ($5 per million). See docs/adr/0004.
 */
export const MAX_INLINE_BYTES = 8_192;

/** The deepest nesting of arrays and objects in an envelope. Deeper JSON is an attack on recursive code. */
export const MAX_NESTING = 100;

/** The largest generation, which counts redrives. */
export const MAX_GENERATION = 1_000;

/** The longest chain of messages: agents that send to each other without end would cost without end. */
export const MAX_HOPS = 100;

const printable = (maxLength: number) =>
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(maxLength),
      z.regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must not contain control characters or lone surrogates'),
    );

const uriReference = z
  .string()
  .check(z.minLength(1), z.maxLength(512), z.regex(/^[\x21-\x7e]+$/, 'must be a URI reference: printable ASCII without spaces'));

const timestamp = z.iso.datetime({ offset: true });

/** Of an agent or a capability. */
export const idSchema = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9-]{1,47}$/, 'must be 2 to 48 lower-case letters, digits and hyphens, starting with a letter'));

/** Of a tenant: what SQS takes as a `MessageGroupId`. */
export const tenantSchema = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 letters, digits and punctuation characters of ASCII, without spaces'));

const extensionValue = z.union([z.string().check(z.maxLength(4_096)), z.number(), z.boolean()]);

/** The form of {@link Metadata}. */
export const metadataSchema = z.record(
  z.string().check(z.regex(/^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/)),
  z.union([z.string().check(z.maxLength(1_024)), z.number(), z.boolean(), z.null()]),
);

/**
 * The envelope: CloudEvents 1.0 in JSON, the body of every SQS message of the mesh.
 *
 * `data` or `dataref` (a claim check), never both; with `dataref`, `datadigest` and `datasize` are required.
 * Unknown extension attributes are kept if CloudEvents allows their name and their value is a scalar.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 * @see https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/dataref.md
 */
export const envelopeSchema = z
  .catchall(
    z.object({
      specversion: z.literal('1.0'),
      id: printable(256),
      source: uriReference,
      type: printable(256),
      time: timestamp,
      subject: z.optional(printable(512)),
      datacontenttype: z.optional(z.string().check(z.maxLength(128), z.regex(/^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/, 'must be a media type'))),
      dataschema: z.optional(uriReference),
      data: z.optional(z.unknown()),
      dataref: z.optional(uriReference),
      datadigest: z.optional(z.string().check(z.regex(/^sha-256:[0-9a-f]{64}$/, 'must be sha-256:<64 hex digits>'))),
      datasize: z.optional(z.int().check(z.nonnegative())),
      // Invalid ones of any length are ignored, not refused (W3C Trace Context 3.2.2). Baggage does not go downstream.
      traceparent: z.optional(z.string()),
      tracestate: z.optional(z.string()),
      baggage: z.optional(z.string()),
      correlationid: z.optional(printable(256)),
      causationid: z.optional(printable(256)),
      expirytime: z.optional(timestamp),
      authid: z.optional(printable(256)),
      replyto: z.optional(idSchema),
      // Messages of one tenant share a fair queue's group, see `tenantOf`.
      tenant: z.optional(tenantSchema),
      generation: z.optional(z.int().check(z.nonnegative(), z.lte(MAX_GENERATION))),
      // How many messages led to this one.
      hops: z.optional(z.int().check(z.nonnegative(), z.lte(MAX_HOPS))),
      metadata: z.optional(metadataSchema),
    }),
    extensionValue,
  )
  .check(
    z.refine((envelope) => Object.keys(envelope).every((name) => /^[a-z0-9]{1,20}$/.test(name)), {
      error: 'attribute names must be 1 to 20 lower-case letters or digits (CloudEvents 1.0)',
    }),
    z.refine((envelope) => !('data' in envelope && 'dataref' in envelope), { path: ['dataref'], error: 'is exclusive with data' }),
    z.refine((envelope) => envelope.dataref === undefined || (envelope.datadigest !== undefined && envelope.datasize !== undefined), {
      path: ['dataref'],
      error: 'needs datadigest and datasize',
    }),
  );

/** A CloudEvents 1.0 event as the mesh carries it, see {@link envelopeSchema}. */
export type Envelope = z.output<typeof envelopeSchema>;

/** Small facts that travel with every message of a journey, always inline. */
export type Metadata = z.output<typeof metadataSchema>;
