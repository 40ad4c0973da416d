import type { Settings } from '../../../settings.ts';
import type { Project } from '../project.ts';
import type { LocalMesh } from '../start-mesh.ts';
import { redeploy } from './redeploy.ts';
import { redeployedLines } from './redeployed-lines.ts';
import { watchProject } from './watch-project.ts';

export interface WatchMeshOptions {
  readonly project: Project;
  readonly isUnrelated: (path: string) => boolean;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Deploys each edit of a project until the signal aborts, including edits made since the last synthesis. Edits that are made together,
 * or during a deployment, are deployed together.
 */
export async function watchMesh(mesh: LocalMesh, { project, isUnrelated, settings, signal, print }: WatchMeshOptions): Promise<void> {
  const filesElsewhere = await mesh.assemblies.filesElsewhere();
  const onError = (error: unknown) =>
    console.error(
      `Some edits will no longer be noticed; start posthorn dev again: ${error instanceof Error ? error.message : String(error)}`,
    );
  const watch = await watchProject({ directory: project.directory, filesElsewhere, isUnrelated, signal, onError });
  try {
    await mesh.assemblies.prepare();
    let afterError = false;
    const isCurrent = (await mesh.assemblies.cached()) !== undefined;
    for (let paths = isCurrent ? await watch.next() : [project.directory]; paths !== undefined; paths = await watch.next()) {
      const begunMs = performance.now();
      const redeployed = await redeploy(mesh, project, paths, signal);
      const seconds = (performance.now() - begunMs) / 1_000;
      if (settings.json) print(JSON.stringify('errors' in redeployed ? redeployed : { deployed: redeployed.report, seconds }));
      else for (const line of redeployedLines(redeployed, settings, seconds, afterError)) print(line);
      afterError = 'errors' in redeployed;
      await mesh.assemblies.prepare();
    }
  } finally {
    await watch[Symbol.asyncDispose]();
  }
}
