/** An item in the form of DynamoDB's API: attribute values by name. */
export type Item = Readonly<Record<string, unknown>>;

const LIST_OVERHEAD_BYTES = 3;

/**
 * The billed size of an item, in bytes.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

/** One write unit for each begun KB of the larger of the item before and after the write. */
export const writeUnits = (before: Item | undefined, after: Item | undefined): number =>
  Math.max(1, Math.ceil(Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0) / 1_024));

/** One read unit for each begun 4 KB of a strongly consistent read, and one for an item that does not exist. */
export const readUnits = (item: Item | undefined): number => Math.max(1, Math.ceil((item ? itemBytes(item) : 0) / 4_096));

function valueBytes(value: unknown): number {
  if (typeof value !== 'object' || value === null) throw new TypeError('an attribute value must be an object with its type');
  const [[type, content] = ['', undefined]] = Object.entries(value);
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(content));
    case 'N':
      return Math.ceil(String(content).replaceAll(/^-?0*|[.]|0*$/g, '').length / 2) + 1;
    case 'B':
      return Buffer.from(String(content), 'base64').length;
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'L':
      return Array.isArray(content) ? content.reduce((sum: number, entry) => sum + 1 + valueBytes(entry), LIST_OVERHEAD_BYTES) : 0;
    case 'M':
      return typeof content === 'object' && content !== null
        ? Object.entries(content).reduce((sum, [name, entry]) => sum + 1 + Buffer.byteLength(name) + valueBytes(entry), LIST_OVERHEAD_BYTES)
        : 0;
    default:
      throw new TypeError(`attribute values of type '${type}' are not counted`);
  }
}
