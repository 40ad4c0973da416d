import type { Directory } from '../ports.ts';

export interface Targets {
  /** Of any agent's inbox, with `{agent}` where its id goes. */
  readonly inboxUrl: string;
  /** The ids of those that this agent may send to. */
  readonly agents: readonly string[];
}

/** Agents by id, as the stack put them into the environment. */
export class EnvironmentDirectory implements Directory {
  readonly repliesQueueUrl: string;
  readonly #targets: Targets;

  constructor(targets: Targets, repliesQueueUrl: string) {
    this.#targets = targets;
    this.repliesQueueUrl = repliesQueueUrl;
  }

  names(agentId: string): boolean {
    return this.#targets.agents.includes(agentId);
  }

  inbox(agentId: string): string {
    return this.#targets.inboxUrl.replace('{agent}', agentId);
  }
}
