import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { meshPrefix } from '../../../../events/names.ts';
import type { DeploymentReport } from '../../../../local/deployments.ts';
import type { EmbeddedCloud } from '../../../../local/embedded-cloud.ts';
import type { LogLine } from '../../../../local/lambda/function-worker.ts';
import type { Handler } from '../../../../local/lambda/invoke-handler.ts';
import { writeAssembly } from '../../../../local/template/write-assembly.ts';
import { newAssemblyDirectory } from '../assembly/assembly-directories.ts';
import type { Project } from '../project.ts';
import { readDoubleFile } from './double-file.ts';
import { doubleRegistration } from './double-registration.ts';
import { type ForeignAgent, withoutAgents } from './mesh-needs.ts';
import { MessageRecords } from './message-records.ts';

export interface ForeignDoublesOptions {
  readonly project: Pick<Project, 'directory' | 'workFolder'>;
  readonly onLog: (line: LogLine) => void;
}

const OWNER = 'doubles';

/** Functions, without a definition, as the `Agent` construct makes them. */
const LIMITS = { timeoutSeconds: 30, memoryMb: 512, concurrency: 10 };

/** Doubles of the foreign agents of a project: agents on the same runtime, in this process, that record messages and answer from a file. */
export class ForeignDoubles implements AsyncDisposable {
  /** For the embedded cloud. */
  readonly handlers = new Map<string, Handler>();
  readonly #options: ForeignDoublesOptions;
  readonly #records: MessageRecords;
  #agents: readonly ForeignAgent[] = [];

  constructor(options: ForeignDoublesOptions) {
    this.#options = options;
    this.#records = new MessageRecords(join(options.project.workFolder, 'doubles'));
  }

  /** The agents that have a double. */
  get agents(): readonly ForeignAgent[] {
    return this.#agents;
  }

  /** @throws CliError that names the file of answers, and the field that is wrong */
  async refuseWrongAnswers(agents: readonly ForeignAgent[]): Promise<void> {
    for (const { id } of agents) await readDoubleFile(this.#options.project.directory, id);
  }

  /** Deploys doubles of these agents, and removes all others. The queues of removed doubles stay, with their messages. */
  async deploy(cloud: EmbeddedCloud, agents: readonly ForeignAgent[]): Promise<Pick<DeploymentReport, 'created' | 'removed'>> {
    const added = withoutAgents(agents, this.#agents);
    if (added.length === 0 && agents.length === this.#agents.length) return { created: [], removed: [] };
    // The runtime is loaded only if there is a foreign agent.
    const { doubleHandler } = await import('./double-handler.ts');
    const { inlineResources } = await import('../../../../functions/runtime/aws/inline-resources.ts');
    const { project, onLog } = this.#options;
    for (const agent of added) {
      await this.#records.open(agent.id);
      this.handlers.set(
        agent.functionName,
        doubleHandler(agent, { cloud, projectDirectory: project.directory, records: this.#records, onLog }),
      );
    }
    const stacks = await Promise.all(
      agents.map(async (agent) => {
        const { mesh, id, capability } = agent;
        const { version } = await readDoubleFile(project.directory, id);
        const registration = capability === undefined ? {} : { Registration: doubleRegistration(agent, capability, version) };
        return [`${meshPrefix(mesh)}-double-${id}`, { ...inlineResources({ id, ...LIMITS }, mesh), ...registration }] as const;
      }),
    );
    const assemblyDirectory = newAssemblyDirectory(project.workFolder);
    try {
      await writeAssembly(assemblyDirectory, Object.fromEntries(stacks));
      const report = await cloud.deploy({ assemblyDirectory, owner: OWNER });
      // From now on these names belong to deployed functions.
      for (const gone of withoutAgents(this.#agents, agents)) this.handlers.delete(gone.functionName);
      this.#agents = agents;
      return report;
    } finally {
      await rm(assemblyDirectory, { recursive: true, force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#records[Symbol.asyncDispose]();
  }
}
