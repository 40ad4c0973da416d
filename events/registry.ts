import * as z from 'zod/mini';
import { type MeshName, meshPrefix } from './names.ts';

/**
 * The table of the registry, with the keys `kind` and `id`.
 *
 * @example
 * ```ts
 * registryTableName(meshName()); // 'posthorn-dev-registry'
 * ```
 */
export const registryTableName = (mesh: MeshName): string => `${meshPrefix(mesh)}-registry`;

/** An item of the registry. Its key is `kind` and `id`. */
export const registryItemSchema = z.object({
  kind: z.enum(['agent', 'access', 'producer', 'issuer']),
  /** That of the agent, the producer or the issuer; of an access record, that of the agent or the service. */
  id: z.string(),
  /** Rises with each change, also of an item that was removed and added again: the condition of the next write. */
  revision: z.number(),
  /** JSON: the access record of the agent or the service; or the registration, with the `app` that has it, and the principal ids that it holds. */
  value: z.string(),
});

/** An item of the registry, see {@link registryItemSchema}. */
export type RegistryItem = z.output<typeof registryItemSchema>;
