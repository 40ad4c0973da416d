import { basename } from 'node:path';
import { EmbeddedCloudError } from '../../../../local/errors.ts';
import { CliError } from '../../../cli-error.ts';
import { bothOrNone } from '../both-or-none.ts';
import type { MeshReport } from '../foreign/deploy-with-needs.ts';
import { openProject, type Project } from '../project.ts';
import type { LocalMesh } from '../start-mesh.ts';
import { checkTypes, isOfAgents } from './check-types.ts';

/** The result of an edit: a deployment, or the errors that kept the previous version running. */
export type Redeployed = { readonly report: MeshReport } | { readonly errors: string };

const PACKAGE_FILES = /^(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/;

/** The type check refused an edit. */
class TypesError extends EmbeddedCloudError {
  override readonly name = 'TypesError';
}

/**
 * Synthesizes an edited project, checks its types at the same time, and deploys it if both succeed.
 *
 * @param paths the edited files
 * @throws the signal's reason when it aborts
 */
export async function redeploy(
  mesh: Pick<LocalMesh, 'assemblies' | 'deploy'>,
  { directory }: Project,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Redeployed> {
  if (paths.some((path) => PACKAGE_FILES.test(basename(path)))) mesh.assemblies.forgetPackages();
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  try {
    const project = await openProject(directory);
    const [assembly] = await bothOrNone(stop, [
      mesh.assemblies.synthesize(stopped),
      refuseWrongTypes(project, !paths.every((path) => isOfAgents(project, path)), stopped),
    ]);
    return { report: await mesh.deploy(assembly) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EmbeddedCloudError || error instanceof CliError) return { errors: error.message };
    return { errors: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function refuseWrongTypes(project: Project, withApp: boolean, signal: AbortSignal): Promise<void> {
  const errors = await checkTypes(project, withApp, signal);
  if (errors !== undefined) throw new TypesError(errors);
}
