import * as z from 'zod/mini';
import { idSchema } from './envelope.ts';

const count = z.int().check(z.nonnegative());
const name = z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]*$/, 'must be lower-case letters, digits, dots and hyphens'));

const CONTENT_PREFIX = 'content:';

const contentSchema = z.strictObject({
  /** In `events/samples/content/`. */
  file: name,
  contentType: z.string().check(z.minLength(1)),
  /** The file over and over, whole, until it is at least this long. @default once */
  repeatToBytes: z.optional(z.int().check(z.positive(), z.lte(32 * 1_048_576))),
});

const outcomesSchema = z.strictObject({
  processed: z.optional(count),
  rejected: z.optional(count),
  'dead-lettered': z.optional(count),
  /** The codes of those that were rejected or dead-lettered, each once, in alphabetical order. @default [] */
  codes: z._default(z.array(z.string().check(z.minLength(1))), []),
});

/**
 * A file `events/samples/<name>.json`: what a producer sends and what has to come of it. Kept for ever: today's code must
 * do with each what the file declares, whenever it was written.
 */
export const sampleSchema = z
  .strictObject({
    title: z.string().check(z.minLength(1)),
    description: z.string().check(z.minLength(1)),
    /** Whose inbox the events are put into. */
    agent: idSchema,
    /** The IAM role that sends the events, without the mesh's prefix: `uploader` is the role `posthorn-dev-uploader`. @default the operator */
    sender: z.optional(idSchema),
    /** Envelopes, in this order; `{ "raw": "..." }` is a body that need not be one. A dataref `content:<name>` stands for an entry of `content`. */
    events: z.array(z.union([z.strictObject({ raw: z.string() }), z.looseObject({ id: z.string() })])).check(z.minLength(1)),
    /** How often each event is sent, the same each time. @default 1 */
    repeat: z._default(z.int().check(z.positive(), z.lte(100)), 1),
    content: z._default(z.record(name, contentSchema), {}),
    expect: z.pipe(
      z.strictObject({
        /** By agent: messages that end so, each counted once however often it was sent. An agent not named has none. */
        outcomes: z.record(idSchema, outcomesSchema),
        /** Different messages on the replies queue. @default 0 */
        replies: z._default(count, 0),
        /** What happens outside the mesh, by the names that doubles give it. @default nothing */
        facts: z._default(z.record(z.string(), count), {}),
        /** The fact `charges`, as older files write it. */
        charges: z.optional(count),
      }),
      z.transform(({ charges, facts, ...expected }) => ({ ...expected, facts: charges === undefined ? facts : { ...facts, charges } })),
    ),
  })
  .check(
    z.refine(
      ({ events, content }) =>
        events.every((event) => Object.hasOwn(content, contentNameOf(event) ?? '') || contentNameOf(event) === undefined),
      {
        path: ['events'],
        error: 'each dataref content:<name> must name an entry of content',
      },
    ),
  );

export type Sample = z.output<typeof sampleSchema>;

export type SampleContent = Sample['content'][string];

/** Where the sender has put an entry of `content`. */
export interface UploadedContent {
  readonly uri: string;
  /** `sha-256:<hex>` */
  readonly digest: string;
  readonly sizeBytes: number;
}

/**
 * The bytes of an entry of `content`.
 *
 * @param file what is in `entry.file`
 */
export function sampleContent(entry: SampleContent, file: Uint8Array): Uint8Array {
  const times = Math.max(1, Math.ceil((entry.repeatToBytes ?? 0) / Math.max(1, file.length)));
  const bytes = new Uint8Array(file.length * times);
  for (let nth = 0; nth < times; nth++) bytes.set(file, nth * file.length);
  return bytes;
}

/**
 * The bodies to send, in order, repetitions included: datarefs filled in and ids made this run's own, so that a sample
 * can be sent again to a mesh that remembers the last time. Without a `run` the ids are the file's.
 *
 * @param run appended to each id, after a hyphen; raw bodies stay as they are
 * @param uploaded by the name in `content`
 * @throws TypeError when content that an event refers to is not in `uploaded`
 * @example
 * ```ts
 * const sample = sampleSchema.parse(JSON.parse(await readFile('events/samples/order.json', 'utf8')));
 * for (const body of sampleBodies(sample, { run: 'r1' })) await queue.send(body);
 * ```
 */
export function sampleBodies(
  sample: Sample,
  { run, uploaded = {} }: { readonly run?: string; readonly uploaded?: Readonly<Record<string, UploadedContent>> } = {},
): readonly string[] {
  return sample.events.flatMap((event) => Array<string>(sample.repeat).fill(bodyOf(event, run, uploaded)));
}

function bodyOf(event: Sample['events'][number], run: string | undefined, uploaded: Readonly<Record<string, UploadedContent>>): string {
  if (!('id' in event)) return event.raw;
  const envelope = run === undefined ? event : { ...event, id: `${event.id}-${run}` };
  const contentName = contentNameOf(event);
  if (contentName === undefined) return JSON.stringify(envelope);

  const content = uploaded[contentName];
  if (content === undefined) throw new TypeError(`content '${contentName}' was not uploaded`);
  return JSON.stringify({ ...envelope, dataref: content.uri, datadigest: content.digest, datasize: content.sizeBytes });
}

function contentNameOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const { dataref } = event;
  return typeof dataref === 'string' && dataref.startsWith(CONTENT_PREFIX) ? dataref.slice(CONTENT_PREFIX.length) : undefined;
}
