import { type ContentBucket, type Hop, MeshClient as Mesh } from '../../../../client/index.ts';
import type { LedgerRecord } from '../../../../events/ledger-record.ts';
import { EDGE_ID } from '../../../../events/names.ts';
import type { Sample } from '../../../../events/sample.ts';
import type { Settings } from '../../../settings.ts';
import type { ObservedHop } from './differences.ts';
import { SampleSender } from './sample-sender.ts';

const hopOf = ({ messageKey, agent, outcome, error, attempts }: Hop | LedgerRecord): ObservedHop => ({
  ...{ messageKey, agent, outcome, code: error?.code, attempts: attempts.length },
});

/** The part of the mesh client that following a sample needs. */
export class MeshClient implements AsyncDisposable {
  readonly settings: Settings;
  readonly #mesh: Mesh;
  readonly #senders = new Map<string | undefined, Promise<SampleSender>>();
  /** Reply ids by the correlation id of their journey. */
  readonly #replies = new Map<string, Set<string>>();

  constructor(settings: Settings) {
    this.settings = settings;
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

  /** Each sender once. @throws as {@link SampleSender.as} */
  senderOf({ sender }: Pick<Sample, 'sender'>): Promise<SampleSender> {
    const known = this.#senders.get(sender) ?? SampleSender.as(sender, this.settings);
    this.#senders.set(sender, known);
    return known;
  }

  /** Whether agents take no message without a token, and whether the REST API takes no request without one. */
  async wantTokens(): Promise<{ readonly agents: boolean; readonly edge: boolean }> {
    const wanting = (await this.#mesh.accessRecords()).filter(({ needsToken }) => needsToken === true);
    const edge = wanting.some(({ agent }) => agent === EDGE_ID);
    return { agents: wanting.length > (edge ? 1 : 0), edge };
  }

  /** The hops that have left a record. */
  async journey(id: string): Promise<readonly ObservedHop[]> {
    const hops = await Array.fromAsync(this.#mesh.journey(id));
    return hops.filter(({ state }) => state.kind !== 'not-received').map(hopOf);
  }

  async records(messageKeys: readonly string[]): Promise<readonly ObservedHop[]> {
    return (await this.#mesh.records(messageKeys)).map(hopOf);
  }

  repliesIn(correlationId: string): number {
    return this.#replies.get(correlationId)?.size ?? 0;
  }

  /** Takes replies off the queue until the signal aborts. */
  async collectReplies(signal: AbortSignal): Promise<void> {
    for await (const { envelope } of this.#mesh.replies({ signal })) {
      if (envelope?.correlationid === undefined) continue;
      this.#replies.set(envelope.correlationid, (this.#replies.get(envelope.correlationid) ?? new Set()).add(envelope.id));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const sender of await Promise.allSettled(this.#senders.values()))
      if (sender.status === 'fulfilled') sender.value[Symbol.dispose]();
    await this.#mesh[Symbol.asyncDispose]();
  }
}
