import type * as z from 'zod/mini';

/** One clause for each issue: the field, the fault, the kind of the value. At most five: a reader mends one at a time. */
export function describeIssues(error: z.core.$ZodError, value: unknown): string {
  const clauses = error.issues.slice(0, 5).map((issue) => {
    const field = issue.path.length === 0 ? 'the value' : issue.path.map(String).join('.');
    return `${field}: ${issue.message} (it is ${kindOf(at(value, issue.path))})`;
  });
  const more = error.issues.length - clauses.length;
  return clauses.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}

/** The kind of a value, never the value: it may be secret, or a megabyte. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'string') return `a string of ${value.length} characters`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
