import { MeshClient } from '../../../client/index.ts';
import { meshPrefix } from '../../../events/names.ts';
import { registryTableName } from '../../../events/registry.ts';
import { CliError } from '../../cli-error.ts';
import type { Settings } from '../../settings.ts';

/** Reads the registry of the mesh. @throws CliError when the mesh has none */
export async function readRegistry<Result>(settings: Settings, read: (mesh: MeshClient) => Promise<Result>): Promise<Result> {
  const mesh = new MeshClient(settings);
  try {
    return await read(mesh);
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ResourceNotFoundException') throw cause;
    throw new CliError(`mesh ${meshPrefix(settings)} has no registry: there is no table '${registryTableName(settings)}'`, {
      cause,
      remedy:
        'If a version of Posthorn without a registry deployed the mesh, deploy its stacks again. ' +
        'Otherwise check --stage, --prefix, --region and --endpoint-url.',
    });
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}
