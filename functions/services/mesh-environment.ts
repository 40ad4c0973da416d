import * as z from 'zod/mini';
import { type MeshName, meshName } from '../../events/names.ts';

/** What the environment of each of the mesh's own functions has. A service extends it by what it needs. */
export const meshEnvironmentSchema = z.object({
  POSTHORN_PREFIX: z.string(),
  POSTHORN_STAGE: z.string(),
  POSTHORN_REGISTRY_TABLE: z.string(),
});

/** The mesh that the environment names. */
export const meshOf = ({ POSTHORN_PREFIX: prefix, POSTHORN_STAGE: stage }: z.output<typeof meshEnvironmentSchema>): MeshName =>
  meshName({ prefix, stage });
