/** A resource or property of the templates that has no effect here. */
export interface Ignored {
  /** A CloudFormation type, e.g. `AWS::IAM::Role`. */
  readonly type: string;
  /** Absent if the whole resource is ignored. */
  readonly property?: string;
  /** The number of resources. */
  readonly count: number;
}

/** Collects ignored resources and properties, counted by type and property. */
export class IgnoredParts {
  readonly #counts = new Map<string, Ignored>();

  add(type: string, property?: string, times = 1): void {
    const key = JSON.stringify([type, property]);
    const count = (this.#counts.get(key)?.count ?? 0) + times;
    this.#counts.set(key, { type, ...(property === undefined ? {} : { property }), count });
  }

  list(): readonly Ignored[] {
    return [...this.#counts.values()].sort(
      (a, b) => Number(a.property !== undefined) - Number(b.property !== undefined) || compare(a.type, b.type) || b.count - a.count,
    );
  }
}

/** Joins the ignored parts of several apps. */
export function mergeIgnored(lists: readonly (readonly Ignored[])[]): readonly Ignored[] {
  const merged = new IgnoredParts();
  for (const { type, property, count } of lists.flat()) merged.add(type, property, count);
  return merged.list();
}

/**
 * The ignored parts in one line.
 *
 * @example `ignored: IAM::Role ×7, Logs::LogGroup ×7; properties: Lambda::Function (Architectures, Role), SQS::Queue (Tags)`
 */
export function ignoredLine(ignored: readonly Ignored[]): string {
  if (ignored.length === 0) return 'ignored: nothing';
  const short = (type: string) => type.replace(/^AWS::/, '');
  const types = ignored.filter(({ property }) => property === undefined).map(({ type, count }) => `${short(type)} ×${count}`);
  const properties = new Map<string, string[]>();
  for (const { type, property } of ignored) {
    if (property !== undefined) properties.set(type, [...(properties.get(type) ?? []), property]);
  }
  const byType = [...properties].map(([type, names]) => `${short(type)} (${names.sort(compare).join(', ')})`);
  return `ignored: ${[types.join(', '), byType.length > 0 ? `properties: ${byType.join(', ')}` : ''].filter((part) => part !== '').join('; ')}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
