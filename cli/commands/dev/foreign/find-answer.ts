import type { DoubleAnswer } from './double-file.ts';

/** The first answer that fits a message; `undefined` when none does. */
export const findAnswer = (answers: readonly DoubleAnswer[], message: { readonly type: string; readonly data: unknown }) =>
  answers.find(
    ({ when }) => (when.type === undefined || when.type === message.type) && (when.data === undefined || fits(when.data, message.data)),
  );

/**
 * Whether JSON has everything that a pattern has: of an object the pattern's properties, of an array as many items, each of which
 * fits; anything else is the same.
 */
function fits(pattern: unknown, value: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return pattern === value;
  if (typeof value !== 'object' || value === null || Array.isArray(pattern) !== Array.isArray(value)) return false;
  if (Array.isArray(pattern) && Array.isArray(value) && pattern.length !== value.length) return false;
  return Object.entries(pattern).every(([name, inner]) => Object.hasOwn(value, name) && fits(inner, Reflect.get(value, name)));
}
