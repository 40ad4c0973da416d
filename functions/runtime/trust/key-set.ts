import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { describeIssues } from '../../../events/describe-issues.ts';
import { parseSafeJson } from '../../../events/safe-json.ts';
import { keySchema, type PublishedKey } from './key-fault.ts';

/** The keys of an issuer, as they were read at one time. */
export interface KeySet {
  /** Another one when the set is another. */
  readonly revision: string;
  /** By `kid`. Mostly one; sets of several kinds of keys may use a name twice. */
  readonly keys: ReadonlyMap<string, readonly PublishedKey[]>;
}

/** Each key of a name may have to be tried. */
const MAX_KEYS = 100;
const MAX_KEYS_OF_A_NAME = 4;

const documentSchema = z.object({ keys: z.array(z.unknown()) });

/** Keys of kinds that this mesh does not know, and keys without a name, are left out. @throws Error when it is no key set */
export function parseKeySet(json: string): KeySet {
  const value = parseSafeJson(json);
  const document = documentSchema.safeParse(value);
  if (!document.success) throw new Error(`is not a JSON Web Key Set (${describeIssues(document.error, value)})`, { cause: document.error });
  const named = document.data.keys.flatMap((key) => {
    const parsed = keySchema.safeParse(key);
    return parsed.success ? [parsed.data] : [];
  });
  if (named.length > MAX_KEYS) throw new Error(`has ${named.length} keys: at most ${MAX_KEYS} are read`);
  const keys = Map.groupBy(named, ({ kid }) => kid);
  if ([...keys.values()].some(({ length }) => length > MAX_KEYS_OF_A_NAME))
    throw new Error(`has more than ${MAX_KEYS_OF_A_NAME} keys with the same kid`);
  return { revision: hash('sha256', json), keys };
}
