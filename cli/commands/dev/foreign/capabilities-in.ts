import * as z from 'zod/mini';
import { capabilityTag } from '../../../../events/offer.ts';
import type { Stack } from '../../../../local/template/assembly.ts';

const TAG = capabilityTag('');

/** The key of a condition on the tag of a resource. */
const CALLED = `aws:ResourceTag/${TAG}`;

const tagsSchema = z._default(z.array(z.object({ Key: z.string() })), []);

/** The capabilities that the agents of a stack call: those whose inboxes their roles may send to. */
export const calledIn = ({ template }: Stack): readonly string[] => [...keysIn(template.Resources)].flatMap((key) => after(CALLED, key));

/** The capabilities that the agents of a stack offer, as the tags of their inboxes say. */
export const offeredIn = ({ template }: Stack): readonly string[] =>
  Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::SQS::Queue')
    .flatMap(({ Properties: { Tags } }) => tagsSchema.safeParse(Tags).data ?? [])
    .flatMap(({ Key }) => after(TAG, Key));

const after = (prefix: string, text: string): readonly string[] => (text.startsWith(prefix) ? [text.slice(prefix.length)] : []);

function* keysIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield key;
    yield* keysIn(inner);
  }
}
