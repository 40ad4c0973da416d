import * as z from 'zod/mini';
import type { RegistrationKind } from '../../../events/registration.ts';
import type { RegistryItem } from '../../../events/registry.ts';

/** An item of the table about the holder of an id. */
export interface Holding {
  readonly app: string;
  /** The principal ids that the registration has; others may claim the same ones. */
  readonly holds: readonly string[];
}

/** The holdings by {@link idKey}. */
export type Holdings = ReadonlyMap<string, Holding>;

/** The kinds of registrations whose ids are the mesh's, by the kind of their items. Role names are an app's own. */
const KIND_OF_ITEM: Readonly<Partial<Record<RegistryItem['kind'], RegistrationKind>>> = {
  agent: 'agents',
  producer: 'producers',
  issuer: 'issuers',
};

/** Items of older versions do not say what they hold. */
const holdingSchema = z.object({ app: z.string(), holds: z._default(z.array(z.string()), []) });

/** An id of the mesh. */
export const idKey = (kind: RegistrationKind, id: string): string => `${kind}/${id}`;

/** The id whose registration an item has; `undefined` for an access record. */
export function idKeyOf({ kind, id }: Pick<RegistryItem, 'kind' | 'id'>): string | undefined {
  const of = KIND_OF_ITEM[kind];
  return of && idKey(of, id);
}

/** Who has which id, as the table has it: an id stays with its app until that app gives it up. */
export function holdingsIn(items: readonly RegistryItem[]): Holdings {
  const found = items.flatMap((item) => {
    const key = idKeyOf(item);
    const holding = key === undefined ? undefined : holdingSchema.safeParse(fromJson(item.value)).data;
    return key === undefined || holding === undefined ? [] : [[key, holding] as const];
  });
  return new Map(found);
}

/** @returns undefined for what is no JSON */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
