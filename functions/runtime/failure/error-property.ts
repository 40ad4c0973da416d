/**
 * Reads a property of whatever was thrown. Code may throw anything: a getter or a proxy that throws itself has nothing to say.
 *
 * @returns `undefined` for what has no such property or does not let it be read
 */
export function errorProperty(thrown: unknown, name: string): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  try {
    return Reflect.get(thrown, name);
  } catch {
    return undefined;
  }
}

/** A property of whatever was thrown, if it is text that says something. Never throws. */
export function errorText(thrown: unknown, name: 'name' | 'message' | 'stack'): string | undefined {
  const value = errorProperty(thrown, name);
  return typeof value === 'string' && value.length > 0 ? value : undefined;
}

/** What was thrown, or an error in place of a proxy that does not even let `instanceof` look at it. */
export function inspectable(thrown: unknown): unknown {
  try {
    void (thrown instanceof Error);
    return thrown;
  } catch (cause) {
    return new TypeError('what was thrown does not let itself be looked at', { cause });
  }
}
