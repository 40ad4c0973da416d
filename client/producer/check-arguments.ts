import { InvalidOptionsError } from '../errors.ts';

/** A slip would be ignored: a message without its timeout. @throws InvalidOptionsError */
export function checkOptions(options: object, known: readonly string[]): void {
  if (options instanceof AbortSignal) throw new InvalidOptionsError('the options are a signal', { remedy: 'Give { signal }.' });
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidOptionsError(`there is no option '${unknown}'`, { remedy: `There are: ${known.join(', ')}.` });
}

/** @throws InvalidOptionsError for what is neither an agent's id nor a capability */
export function checkTarget(target: unknown): void {
  if (typeof target === 'string') return;
  if (typeof target === 'object' && target !== null && 'capability' in target && typeof target.capability === 'string') return;
  throw new InvalidOptionsError(`the target is ${kindOf(target)}`, { remedy: "Give an agent's id, or { capability }." });
}

/** @throws InvalidOptionsError for what has no items. A text has: its letters, which nobody means */
export function checkItems(items: unknown): void {
  if (typeof items === 'object' && items !== null && (Symbol.asyncIterator in items || Symbol.iterator in items)) return;
  throw new InvalidOptionsError(`the items are ${kindOf(items)}`, { remedy: 'Give an array, a generator or a stream.' });
}

const kindOf = (value: unknown): string => (value === null ? 'null' : typeof value === 'object' ? 'an object without any' : typeof value);
