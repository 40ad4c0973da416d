import { type Item, itemBytes } from './item-size.ts';

interface Asked {
  readonly sortKey: string | undefined;
  /** Only the item with this sort key. */
  readonly sort: unknown;
  /** The last key of the page before. */
  readonly after: Item | undefined;
  readonly isConsistent: boolean;
}

interface Page {
  readonly items: readonly Item[];
  /** The last item, if there may be more. */
  readonly last: Item | undefined;
  /** Read units: the sizes of the page's items are added up, and half a unit is billed for each begun 4 KB; a whole one if consistent. */
  readonly units: number;
}

/** DynamoDB's limit of the data of a page. */
const PAGE_BYTES = 1_048_576;

/**
 * A page of a query, of the items of one partition.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
 */
export function queryPage(partition: readonly Item[], { sortKey, sort, after, isConsistent }: Asked): Page {
  const keyOf = (item: Item): string => (sortKey === undefined ? '' : JSON.stringify(item[sortKey]));
  const afterKey = after && keyOf(after);
  const items: Item[] = [];
  let bytes = 0;
  for (const item of sorted(partition, keyOf)) {
    const key = keyOf(item);
    if (sort !== undefined && key !== JSON.stringify(sort)) continue;
    if (afterKey !== undefined && key <= afterKey) continue;
    items.push(item);
    bytes += itemBytes(item);
    if (bytes >= PAGE_BYTES) break;
  }
  const units = Math.max(1, Math.ceil(bytes / 4_096)) * (isConsistent ? 1 : 0.5);
  return { items, last: bytes >= PAGE_BYTES ? items.at(-1) : undefined, units };
}

const sorted = (items: readonly Item[], keyOf: (item: Item) => string): readonly Item[] =>
  items
    .map((item) => [keyOf(item), item] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, item]) => item);
