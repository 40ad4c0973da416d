import { PermanentError } from '../errors.ts';
import type { Directory } from '../ports.ts';

/** Agents by id, as the stack put them into the environment. */
export class EnvironmentDirectory implements Directory {
  readonly repliesQueueUrl: string;
  readonly #inboxes: Readonly<Record<string, string>>;

  constructor(inboxes: Readonly<Record<string, string>>, repliesQueueUrl: string) {
    this.#inboxes = inboxes;
    this.repliesQueueUrl = repliesQueueUrl;
  }

  inbox(agentId: string): string {
    const url = Object.hasOwn(this.#inboxes, agentId) ? this.#inboxes[agentId] : undefined;
    if (url !== undefined) return url;
    const known = Object.keys(this.#inboxes).join(', ') || 'none';
    throw new PermanentError('UnknownTarget', `agent '${agentId}' is not among those that this one sends to (${known})`);
  }
}
