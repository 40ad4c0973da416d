import { edgeName, type MeshName } from '../../../events/names.ts';
import type { EmbeddedCloud } from '../../../local/embedded-cloud.ts';

/** The URL of a mesh's `/metrics`, at the port of its REST API; `undefined` if it has none. */
export function metricsUrl({ apis }: Pick<EmbeddedCloud, 'apis'>, mesh: MeshName): string | undefined {
  const stage = apis.find(({ name }) => name === edgeName(mesh))?.stages[0];
  return stage && `${stage.url}metrics`;
}
