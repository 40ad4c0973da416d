import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { meshPrefix } from '../../../../events/names.ts';
import type { DeploymentReport } from '../../../../local/deployments.ts';
import type { EmbeddedCloud } from '../../../../local/embedded-cloud.ts';
import type { LogLine } from '../../../../local/lambda/function-worker.ts';
import type { Handler } from '../../../../local/lambda/invoke-handler.ts';
import { writeAssembly } from '../../../../local/template/write-assembly.ts';
import { newAssemblyDirectory } from '../assembly-directories.ts';
import type { Project } from '../project.ts';
import { readAnswers } from './double-answers.ts';
import { type ForeignAgent, withoutAgents } from './mesh-needs.ts';
import { MessageRecords } from './message-records.ts';

export interface ForeignDoublesOptions {
  readonly project: Pick<Project, 'directory' | 'workFolder'>;
  readonly onLog: (line: LogLine) => void;
}

const OWNER = 'doubles';

/** Functions, without a definition, as the `Agent` construct makes them. */
const LIMITS = { timeoutSeconds: 30, memoryMb: 512, concurrency: 10 };

/** Stand-ins for the foreign agents of a project: real agents of the mesh, in this process, that record and answer from a file. */
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

  /** The agents that are stood in for. */
  get agents(): readonly ForeignAgent[] {
    return this.#agents;
  }

  /** @throws CliError that names the file of answers, and the field that is wrong */
  async refuseWrongAnswers(agents: readonly ForeignAgent[]): Promise<void> {
    for (const { id } of agents) await readAnswers(this.#options.project.directory, id);
  }

  /** Stands in for these agents and for no others. Queues of those that go stay, with what they hold. */
  async deploy(cloud: EmbeddedCloud, agents: readonly ForeignAgent[]): Promise<Pick<DeploymentReport, 'created' | 'removed'>> {
    const added = withoutAgents(agents, this.#agents);
    if (added.length === 0 && agents.length === this.#agents.length) return { created: [], removed: [] };
    // The runtime is loaded where there is a foreign agent.
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
    const stacks = agents.map(({ mesh, id }) => [`${meshPrefix(mesh)}-double-${id}`, inlineResources({ id, ...LIMITS }, mesh)] as const);
    const assemblyDirectory = newAssemblyDirectory(project.workFolder);
    try {
      await writeAssembly(assemblyDirectory, Object.fromEntries(stacks));
      const report = await cloud.deploy({ assemblyDirectory, owner: OWNER });
      // What is deployed under these names from now on is no double.
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
