import type { MeshName } from '../../../../events/names.ts';
import type { DeploymentReport } from '../../../../local/deployments.ts';
import type { EmbeddedCloud } from '../../../../local/embedded-cloud.ts';
import { readAssembly } from '../../../../local/template/assembly.ts';
import type { ForeignDoubles } from './foreign-doubles.ts';
import type { JoinedState } from './joined-state.ts';
import { type ForeignAgent, meshNeeds, withoutAgents } from './mesh-needs.ts';

/** What a deployment of a project has changed. */
export interface MeshReport extends DeploymentReport {
  /** Foreign agents that have a double from now on. */
  readonly doubled: readonly string[];
}

export interface DeployWithNeedsOptions {
  readonly assemblyDirectory: string;
  readonly owner: string;
  readonly cloud: EmbeddedCloud;
  readonly state: JoinedState;
  readonly doubles: ForeignDoubles;
}

/**
 * Deploys an app and what it needs of other repositories: first the state of a mesh that it joins, last the doubles of foreign agents.
 * The double of an agent that the app now has is removed before, because two functions cannot share an inbox.
 *
 * @throws what deploying the app throws, and CliError for an invalid file of answers: the previous version is restored; AggregateError if
 *   that fails
 */
export async function deployWithNeeds(options: DeployWithNeedsOptions): Promise<MeshReport> {
  const { cloud, assemblyDirectory, state, doubles } = options;
  const { joined, foreignAgents } = meshNeeds((await readAssembly(assemblyDirectory)).stacks);
  await doubles.refuseWrongAnswers(foreignAgents);
  const before = { meshes: state.meshes, agents: doubles.agents };
  const appeared = withoutAgents(foreignAgents, before.agents);
  const { report, gone } = await deployApp(options, joined, withoutAgents(foreignAgents, appeared)).catch(async (error: unknown) => {
    try {
      await doubles.deploy(cloud, before.agents);
      await state.deploy(cloud, before.meshes);
    } catch (rollbackError) {
      throw new AggregateError(
        [error, rollbackError],
        'not deployed, and the previous version is not restored either: start posthorn dev again',
        {
          cause: error,
        },
      );
    }
    throw error;
  });
  await doubles.deploy(cloud, foreignAgents);
  return { ...report, removed: [...report.removed, ...gone.removed], doubled: appeared.map(({ id }) => id) };
}

async function deployApp(
  { cloud, assemblyDirectory, owner, state, doubles }: DeployWithNeedsOptions,
  joined: readonly MeshName[],
  staying: readonly ForeignAgent[],
) {
  await state.deploy(cloud, joined);
  const gone = await doubles.deploy(cloud, staying);
  return { gone, report: await cloud.deploy({ assemblyDirectory, owner }) };
}
