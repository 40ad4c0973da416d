import { PermanentError } from '../failure/errors.ts';
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

  inbox(agentId: string): string {
    const { inboxUrl, agents } = this.#targets;
    if (agents.includes(agentId)) return inboxUrl.replace('{agent}', agentId);
    const known = agents.join(', ') || 'none';
    throw new PermanentError('UnknownTarget', `agent '${agentId}' is not among those that this one sends to (${known})`);
  }
}
