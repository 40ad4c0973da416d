import type { MeshName } from '../../events/names.ts';

/** Metrics of the mesh's resources, found by name. */
export interface MetricSearch {
  /** Namespace and dimensions, separated by commas. */
  readonly schema: string;
  /** The dimension that has the physical name. */
  readonly dimension: string;
  readonly metric: string;
  /** A word in the physical name. @default any resource of the mesh */
  readonly token?: string;
  readonly statistic: 'Sum' | 'Maximum' | 'p95';
}

/**
 * The search for the metrics of the mesh, as an expression of CloudWatch. It matches words of names, so a mesh of stage `dev` also finds
 * those of a stage `dev2`, whose name has the same words.
 *
 * The words are separated by a slash, which CloudWatch takes for a hyphen: the text of {@link agentSearch} is not in it.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 * @example
 * ```ts
 * meshSearch(mesh, { schema: 'AWS/Lambda,FunctionName', dimension: 'FunctionName', metric: 'Errors', statistic: 'Sum' });
 * // SEARCH('{AWS/Lambda,FunctionName} MetricName="Errors" FunctionName=posthorn/dev', 'Sum')
 * ```
 */
export const meshSearch = ({ prefix, stage }: MeshName, search: MetricSearch): string => searchFor(`${prefix}/${stage}`, search);

/** As {@link meshSearch}, with the beginning of the mesh's names as it is: a variable of the dashboard replaces it by an agent's. */
export const agentSearch = ({ prefix, stage }: MeshName, search: MetricSearch): string => searchFor(`${prefix}-${stage}`, search);

function searchFor(words: string, { schema, dimension, metric, token, statistic }: MetricSearch): string {
  const terms = [
    `{${schema}}`,
    `MetricName="${metric}"`,
    `${dimension}=${words}`,
    ...(token === undefined ? [] : [`${dimension}=${token}`]),
  ];
  return `SEARCH('${terms.join(' ')}', '${statistic}')`;
}
