/**
 * Reads a property of a thrown value. Code may throw anything, even an object whose getters or proxy traps throw.
 *
 * @returns `undefined` where there is no such property, or reading it throws
 */
export function errorProperty(thrown: unknown, name: string): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  try {
    return Reflect.get(thrown, name);
  } catch {
    return undefined;
  }
}

/** A property of a thrown value, if it is a string that is not empty. Never throws. */
export function errorText(thrown: unknown, name: 'name' | 'message' | 'stack'): string | undefined {
  const value = errorProperty(thrown, name);
  return typeof value === 'string' && value.length > 0 ? value : undefined;
}

/** The thrown value, or a TypeError in place of a proxy that throws even for `instanceof`. */
export function inspectable(thrown: unknown): unknown {
  try {
    void (thrown instanceof Error);
    return thrown;
  } catch (cause) {
    return new TypeError('the thrown value is a proxy that cannot be inspected', { cause });
  }
}
