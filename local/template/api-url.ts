import type { Place } from './resource-type.ts';

/** The path at the endpoint below which the APIs are. LocalStack has the same. */
export const API_PATH = '/_aws/execute-api/';

/** Where the endpoint has an API; its stages are below. */
export function apiUrl({ endpoint }: Place, id: string): string {
  return `${endpoint}${API_PATH}${id}`;
}
