import { randomUUID } from 'node:crypto';
import type { MeshClient } from '../client/mesh-client.ts';
import type { Reply } from '../client/replies/reply.ts';
import type { Envelope } from '../events/envelope.ts';
import { type LedgerRecord, messageKey, type Outcome } from '../events/ledger-record.ts';
import type { Invocations } from './invocations.ts';
import type { LoggedLine } from './logged-line.ts';

/** A ledger record that has an outcome. */
export type EndedRecord = LedgerRecord & { readonly outcome: Outcome };

/** A reply. Data behind a claim check is already fetched. */
export interface TestReply {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: unknown;
  /** The id of the message that it answers. */
  readonly causationId: string | undefined;
  readonly envelope: Envelope;
}

/** Attributes of an event's envelope. */
export interface EventAttributes {
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  /** ISO 8601. */
  readonly time?: string;
  /** Any other attribute of an envelope, extensions included. */
  readonly [attribute: string]: unknown;
}

interface Sent {
  readonly agent: string;
  readonly source: string;
  readonly messageIds: string[];
}

/** An embedded mesh in a test, made by {@link startMesh}. No method sleeps: each waits for the end of an invocation. */
export class TestMesh implements AsyncDisposable {
  /** The endpoint for AWS SDKs, e.g. `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  readonly region: string;
  /** The mesh from outside: failed messages, redrive, content. */
  readonly client: MeshClient;
  /** The log lines of the agents and the mesh so far. */
  readonly logs: readonly LoggedLine[];
  readonly #invocations: Invocations;
  readonly #resources: AsyncDisposableStack;
  readonly #timeoutSeconds: number;
  /** Agents with an inbox that do not run. */
  readonly #absentAgents: ReadonlySet<string>;
  readonly #sent = new Map<string, Sent>();
  readonly #replies = new Map<string, TestReply>();

  /** @internal */
  constructor(options: {
    readonly endpoint: string;
    readonly region: string;
    readonly client: MeshClient;
    readonly logs: readonly LoggedLine[];
    readonly invocations: Invocations;
    readonly resources: AsyncDisposableStack;
    readonly timeoutSeconds: number;
    readonly absentAgents: ReadonlySet<string>;
  }) {
    this.endpoint = options.endpoint;
    this.region = options.region;
    this.client = options.client;
    this.logs = options.logs;
    this.#invocations = options.invocations;
    this.#resources = options.resources;
    this.#timeoutSeconds = options.timeoutSeconds;
    this.#absentAgents = options.absentAgents;
  }

  /**
   * Puts an event into an agent's inbox.
   *
   * @param data JSON; `undefined` for none, with a `dataref` in `attributes`
   * @param attributes of the envelope. @default a new `id`, source `/test`, type `test.sent`, the time now
   * @returns its id, for {@link outcomeOf}
   * @throws InvalidEventError naming the invalid field; UnknownAgentError
   */
  async send(agent: string, data: unknown, attributes: EventAttributes = {}): Promise<{ readonly id: string }> {
    const { id = randomUUID(), source = '/test', type = 'test.sent', time = new Date().toISOString(), ...others } = attributes;
    const event = { specversion: '1.0', id, source, type, time, ...others, ...(data !== undefined && { data }) };
    const { messageId } = await this.client.send(agent, event);
    const sent = this.#sent.get(id);
    if (sent?.agent === agent && sent.source === source) sent.messageIds.push(messageId);
    else this.#sent.set(id, { agent, source, messageIds: [messageId] });
    return { id };
  }

  /**
   * Waits until a message has its outcome and its outbox is sent.
   *
   * @param id of a message that this mesh has sent
   * @returns its ledger record: `outcome`, `result`, `error`, `attempts`
   * @throws RangeError for the id of another message; Error after `timeoutSeconds`, with the message's state
   */
  async outcomeOf(id: string): Promise<EndedRecord> {
    const sent = this.#sent.get(id);
    if (sent === undefined) throw new RangeError(`id '${id}' is not the id of a message that this mesh has sent`);
    return this.waitFor(
      `the outcome of ${id} at ${sent.agent}`,
      async () => {
        if (!sent.messageIds.every((messageId) => this.#invocations.hasAcknowledged(messageId))) return undefined;
        const record = await this.#recordOf(id, sent);
        return record !== undefined && hasEnded(record) ? record : undefined;
      },
      () => this.#describe(id, sent),
    );
  }

  /**
   * Waits until every inbox of an agent that runs is empty; a message that waits for its retry counts as in its inbox.
   *
   * @throws Error after `timeoutSeconds`
   */
  async idle(): Promise<void> {
    await this.waitFor('empty inboxes', async () => {
      const depths = await Promise.all((await this.#agents()).map((agent) => this.client.depth(agent, 'inbox')));
      return depths.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
    });
  }

  /** The replies so far, each once, in the order of their arrival. */
  async replies(): Promise<readonly TestReply[]> {
    for await (const reply of this.client.replies({ follow: false })) await this.#keep(reply);
    return [...this.#replies.values()];
  }

  /**
   * Calls `ask` now and after each invocation, until it has an answer.
   *
   * @param what the name of the awaited condition, for the error
   * @param ask resolves to `undefined` or `false` while there is no answer
   * @param describe adds details to the error. @default the last lines that were logged as errors
   * @throws what `ask` throws; Error after `timeoutSeconds`
   */
  async waitFor<Answer>(
    what: string,
    ask: () => Answer | undefined | false | Promise<Answer | undefined | false>,
    describe: () => string | Promise<string> = () => this.#lastErrors(),
  ): Promise<Answer> {
    const timeout = Promise.withResolvers<'over'>();
    const timer = setTimeout(() => timeout.resolve('over'), this.#timeoutSeconds * 1_000);
    try {
      for (;;) {
        // Taken before the call, so that an invocation that ends meanwhile is not missed.
        const next = this.#invocations.next();
        const answer = await ask();
        if (answer !== undefined && answer !== false) return answer;
        if ((await Promise.race([next, timeout.promise])) === 'over')
          throw new Error(`not within ${this.#timeoutSeconds} s: ${what}. ${await describe()}`.trim());
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the mesh without waiting for running handlers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #agents(): Promise<readonly string[]> {
    return (await this.client.agents()).filter((id) => !this.#absentAgents.has(id));
  }

  async #recordOf(id: string, { agent, source }: Sent): Promise<LedgerRecord | undefined> {
    const [record] = await this.client.records([messageKey(agent, source, id)]);
    return record;
  }

  async #keep({ envelope }: Reply): Promise<void> {
    if (envelope === undefined) return;
    const data =
      envelope.dataref === undefined ? envelope.data : JSON.parse(Buffer.from(await this.client.content.get(envelope.dataref)).toString());
    const { id, source, type, causationid } = envelope;
    this.#replies.set(`${source} ${id}`, { id, source, type, data, causationId: causationid, envelope });
  }

  async #describe(id: string, sent: Sent): Promise<string> {
    const record = await this.#recordOf(id, sent);
    const { visible, inFlight } = await this.client.depth(sent.agent, 'inbox');
    const attempts = record?.attempts.map(({ code, reason }) => `${code}: ${reason}`) ?? [];
    return [
      record === undefined ? 'It has no ledger record.' : `Its record has ${record.outcome ?? 'no outcome'}.`,
      ...(attempts.length > 0 ? [`Failed attempts: ${attempts.join('; ')}.`] : []),
      `The inbox has ${visible} messages, and ${inFlight} in flight.`,
      this.#lastErrors(),
    ].join(' ');
  }

  #lastErrors(): string {
    const errors = this.logs.filter(({ level }) => level === 'error').slice(-3);
    return errors.length === 0 ? '' : `Last errors: ${errors.map(({ message }) => message).join('; ')}`;
  }
}

const hasEnded = (record: LedgerRecord): record is EndedRecord => record.outcome !== undefined;
