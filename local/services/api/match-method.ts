import type { ApiMethod } from '../../template/deployed-api.ts';

export interface MatchedMethod {
  readonly method: ApiMethod;
  /** Decoded, by the names in braces of the resource's path. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

const GREEDY = /^\{(.+)\+\}$/;
const PARAMETER = /^\{(.+)\}$/;

/**
 * The method that answers a request: that of the most specific path, segment by segment (a name, `{id}`, `{proxy+}`), of those that
 * have the request's method or `ANY`.
 *
 * @param path below the stage, e.g. `/agents/greeting`; a slash at its end has no meaning
 */
export function matchMethod(methods: readonly ApiMethod[], httpMethod: string, path: string): MatchedMethod | undefined {
  const segments = segmentsOf(path);
  const matched = methods
    .filter((method) => method.httpMethod === httpMethod || method.httpMethod === 'ANY')
    .flatMap((method) => {
      const pathParameters = parametersOf(segmentsOf(method.path), segments);
      return pathParameters === undefined ? [] : [{ method, pathParameters }];
    });
  return matched.toSorted((a, b) => compareRanks(rankOf(a.method), rankOf(b.method)))[0];
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').slice(1, path.endsWith('/') ? -1 : undefined);
}

/** @returns `undefined` if the path is not the resource's */
function parametersOf(template: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const [, greedy] = GREEDY.exec(part) ?? [];
    if (greedy !== undefined) return { ...parameters, [greedy]: segments.slice(index).map(decoded).join('/') };
    const [, name] = PARAMETER.exec(part) ?? [];
    if (name !== undefined && segment !== '') parameters[name] = decoded(segment);
    else if (decoded(segment) !== part) return undefined;
  }
  return template.length === segments.length ? parameters : undefined;
}

/** Of each segment, and of the method at the end: the smaller, the more specific. */
function rankOf({ path, httpMethod }: ApiMethod): readonly number[] {
  const ranks = segmentsOf(path).map((part) => (GREEDY.test(part) ? 2 : PARAMETER.test(part) ? 1 : 0));
  return [...ranks, httpMethod === 'ANY' ? 1 : 0];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((rank, position) => rank !== b[position]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not encoded, so it means itself.
    return segment;
  }
}
