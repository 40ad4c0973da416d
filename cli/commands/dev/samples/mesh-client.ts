import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClientOptions } from '../../../../client/aws-client-options.ts';
import { type ContentBucket, type Hop, MeshClient as Mesh } from '../../../../client/index.ts';
import type { LedgerRecord } from '../../../../events/ledger-record.ts';
import type { Settings } from '../../../settings.ts';
import type { ObservedHop } from './differences.ts';

const hopOf = ({ messageKey, agent, outcome, error, attempts }: Hop | LedgerRecord): ObservedHop => ({
  ...{ messageKey, agent, outcome, code: error?.code, attempts: attempts.length },
});

/** The part of the mesh client that following a sample needs. */
export class MeshClient implements AsyncDisposable {
  readonly settings: Settings;
  readonly sqs: SQSClient;
  readonly #mesh: Mesh;
  /** Reply ids by the id of the message that they answer. */
  readonly #replies = new Map<string, Set<string>>();

  constructor(settings: Settings) {
    this.settings = settings;
    this.sqs = new SQSClient(awsClientOptions(settings));
    this.#mesh = new Mesh(settings);
  }

  get content(): ContentBucket {
    return this.#mesh.content;
  }

  agents(): Promise<readonly string[]> {
    return this.#mesh.agents();
  }

  inboxOf(agent: string): Promise<string> {
    return this.#mesh.queueOf(agent, 'inbox');
  }

  async journey(traceId: string): Promise<readonly ObservedHop[]> {
    return (await this.#mesh.journey(traceId)).map(hopOf);
  }

  async records(messageKeys: readonly string[]): Promise<readonly ObservedHop[]> {
    return (await this.#mesh.records(messageKeys)).map(hopOf);
  }

  repliesTo(messageIds: ReadonlySet<string>): number {
    return new Set([...messageIds].flatMap((id) => [...(this.#replies.get(id) ?? [])])).size;
  }

  /** Takes replies off the queue until the signal aborts. */
  async collectReplies(signal: AbortSignal): Promise<void> {
    for await (const { envelope } of this.#mesh.replies({ signal })) {
      if (envelope?.correlationid === undefined) continue;
      this.#replies.set(envelope.correlationid, (this.#replies.get(envelope.correlationid) ?? new Set()).add(envelope.id));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sqs.destroy();
    await this.#mesh[Symbol.asyncDispose]();
  }
}
