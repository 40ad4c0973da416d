import type { AccessRecord } from '../events/access-record.ts';
import type { FoundAgent } from '../events/found-agent.ts';
import type { LedgerRecord } from '../events/ledger-record.ts';
import { metricsTableName } from '../events/metrics-record.ts';
import { type MeshName, meshName } from '../events/names.ts';
import type { AgentCard } from './agents/agent-card.ts';
import type { AgentDetails } from './agents/agent-details.ts';
import type { AgentSummary } from './agents/agent-summary.ts';
import { AwsClients } from './aws-clients.ts';
import { ContentBucket } from './content-bucket.ts';
import type { FindOptions } from './discovery/find-agents.ts';
import { InvalidQueryError } from './errors.ts';
import { FailedMessages } from './failed/failed-messages.ts';
import type { FailedOptions } from './failed/failed-options.ts';
import { type RedriveOptions, type RedriveResult, redriveMessages } from './failed/redrive.ts';
import type { InboxState } from './inbox/inbox-state.ts';
import { readInbox } from './inbox/read-inbox.ts';
import type { Hop } from './journeys/hop.ts';
import { type JourneyOptions, journey } from './journeys/journey.ts';
import { type StuckMessage, type StuckOptions, stuckMessages } from './journeys/stuck.ts';
import { records } from './ledger.ts';
import { type AgentMapping, AgentMappings } from './mapping/agent-mappings.ts';
import type { SwitchOptions } from './mapping/switch-options.ts';
import type { MeshClientOptions } from './mesh-client-options.ts';
import { type AgentMetrics, agentMetrics } from './metrics/agent-metrics.ts';
import { latestSnapshots } from './metrics/latest-snapshots.ts';
import { inTable } from './missing-table.ts';
import { agentLane } from './producer/agent-lane.ts';
import { agentIds, agentQueueUrl, noAgents, repliesQueueUrl } from './queues/agent-queues.ts';
import { type QueueDepth, queueDepth } from './queues/queue-depth.ts';
import type { FailedQueueKind, QueueKind } from './queues/queue-kind.ts';
import { accessRecord, accessRecords } from './registry/access-records.ts';
import { Replies, type RepliesOptions } from './replies/replies.ts';
import type { Draining, DrainOptions } from './rollouts/drain-agent.ts';
import { Rollouts } from './rollouts/rollouts.ts';
import { Credentials } from './send/credentials.ts';
import { deliver, MESSAGES_PER_REQUEST } from './send/deliver.ts';
import { type PreparedMessage, type PrepareOptions, prepareEvent } from './send/prepare-event.ts';
import { BULK_LINGER_MS, type SendResult, sendEach } from './send/send-each.ts';
import type { SendManyOptions } from './send/send-many-options.ts';
import type { SentEvent } from './send/sent-event.ts';

/**
 * A mesh for its producers and operators, by AWS APIs alone. It works the same on AWS, on LocalStack and with `posthorn dev`.
 *
 * It creates each AWS client at its first use. It throws errors of the network and of AWS as the AWS SDK throws them.
 *
 * @throws RangeError when prefix or stage is not valid in a mesh's name
 * @example
 * ```ts
 * await using mesh = new MeshClient({ stage: 'prod' });
 * const { traceparent } = await mesh.send('greeting', { name: 'Ada' }, { type: 'greeting.requested' });
 * ```
 */
export class MeshClient implements AsyncDisposable {
  readonly name: MeshName;
  /** The mesh's content bucket. */
  readonly content: ContentBucket;
  /** Moves journeys from one agent to another in steps. */
  readonly rollouts: Rollouts;
  readonly #aws: AwsClients;
  readonly #credentials: Credentials;
  readonly #mappings: AgentMappings;
  readonly #queueUrls = new Map<string, Promise<string>>();

  constructor({ prefix, stage, authentication, ...aws }: MeshClientOptions = {}) {
    this.name = meshName({ ...(prefix !== undefined && { prefix }), ...(stage !== undefined && { stage }) });
    this.#aws = new AwsClients(aws);
    this.#credentials = new Credentials(this.#aws, this.name, authentication);
    this.#mappings = new AgentMappings(this.#aws, this.name, (agent) => this.queueOf(agent, 'inbox'));
    this.content = new ContentBucket(this.name, this.#aws);
    this.rollouts = new Rollouts(this.#aws, this.name);
  }

  /** The ids of the mesh's agents, in alphabetical order. @throws NoAgentsError when the mesh has none */
  async agents(): Promise<readonly string[]> {
    const ids = await agentIds(this.#aws, this.name);
    if (ids.length === 0) throw noAgents(this.#aws, this.name);
    return ids;
  }

  /**
   * The URL of an agent's queue.
   *
   * @throws UnknownAgentError naming the mesh's agents; NoAgentsError; MissingQueueError
   */
  queueOf(agent: string, kind: QueueKind): Promise<string> {
    return this.#queueUrl(`${agent} ${kind}`, () => agentQueueUrl(this.#aws, this.name, agent, kind));
  }

  /** How many messages an agent's queue has. SQS's counts are approximate. @throws as {@link queueOf} */
  async depth(agent: string, kind: QueueKind): Promise<QueueDepth> {
    return queueDepth(this.#aws.sqs, await this.queueOf(agent, kind));
  }

  /**
   * The mesh's agents as they are registered, in alphabetical order, with weights, health and latency. An agent without a snapshot is in
   * the list as well. Your role needs `dynamodb:Query` on the tables of the registry, of offers and of metrics.
   *
   * @throws NoAgentsError, MissingTableError
   * @see docs/discovery.md
   * @example
   * ```ts
   * for (const { agent, version, isHealthy } of await mesh.listAgents()) console.log(agent, version, isHealthy);
   * ```
   */
  async listAgents(): Promise<readonly AgentSummary[]> {
    const { listAgents } = await import('./agents/list-agents.ts');
    return listAgents(this.#aws, this.name);
  }

  /**
   * Everything that the mesh knows of an agent. Your role needs `dynamodb:Query` as for {@link listAgents}. With `sqs:GetQueueUrl`,
   * `sqs:GetQueueAttributes` and `lambda:ListEventSourceMappings`, `queues` and `isPaused` are those of now, otherwise those of the latest
   * snapshot.
   *
   * @throws UnknownAgentError naming the mesh's agents; NoAgentsError, MissingTableError
   * @example
   * ```ts
   * const { description, capabilities } = await mesh.describeAgent('sentiment-v2');
   * ```
   */
  async describeAgent(agent: string): Promise<AgentDetails> {
    const { describeAgent } = await import('./agents/describe-agent.ts');
    return describeAgent(this.#aws, this.name, agent, { depth: (kind) => this.depth(agent, kind), mapping: () => this.mapping(agent) });
  }

  /**
   * The A2A card of an agent. Your role needs `dynamodb:Query` on the table of the registry.
   *
   * @throws UnknownAgentError naming the mesh's agents; NoCardError; NoAgentsError, MissingTableError
   * @see docs/discovery.md
   * @example
   * ```ts
   * const { skills } = await mesh.agentCard('sentiment-v2');
   * ```
   */
  async agentCard(agent: string): Promise<AgentCard> {
    const { readCard } = await import('./agents/read-card.ts');
    return readCard(this.#aws, this.name, agent);
  }

  /**
   * The agents that offer a capability, by one query. Those with the highest weight come first, then those with the newest version.
   *
   * @throws InvalidQueryError, MissingTableError
   * @see docs/discovery.md
   * @example
   * ```ts
   * const [best] = await mesh.findAgents({ capability: 'sentiment-analysis', version: '>=2.0', maxLatencyMs: 100, healthy: true });
   * ```
   */
  async findAgents(options: FindOptions): Promise<readonly FoundAgent[]> {
    // A producer that names its agents needs no ranges of versions.
    const { findAgents } = await import('./discovery/find-agents.ts');
    return findAgents(this.#aws, this.name, options);
  }

  /**
   * Gives an agent a share of a capability's journeys; the others keep their proportions in what is left. Busy processes use the new
   * weights within ten seconds, one that was idle from its second message on. A journey stays with its agent, unless the change moves it.
   * Deployments do not change weights.
   *
   * Your role needs `dynamodb:Query` and `dynamodb:UpdateItem` on the table of offers.
   *
   * @see {@link rollouts} for steps that the probe watches
   * @param share percent, a whole number from 0 to 100
   * @returns all agents of the capability, as they are now
   * @throws InvalidQueryError, NotOfferedError, MissingTableError; RolloutError while a rollout of the capability is under way
   * @example
   * ```ts
   * await mesh.shift('sentiment-analysis', 'sentiment-v2', 10);
   * ```
   */
  async shift(capability: string, agent: string, share: number): Promise<readonly FoundAgent[]> {
    const { shiftShare } = await import('./rollouts/shift-share.ts');
    return shiftShare(this.#aws, this.name, { capability, agent, share });
  }

  /**
   * Takes an agent out of service: it gives it the weight 0 for each of its capabilities, and then looks at its inbox each second, until
   * that has been empty for `settleSeconds`. Then its stack can be deleted. Agents that name it in `sendsTo`, and senders that ask for a
   * version which only this agent has, go on sending to it.
   *
   * Your role needs `dynamodb:Query` on the tables of registry and offers, and `dynamodb:UpdateItem` on that of offers.
   *
   * @throws from the iteration: UnknownAgentError; RolloutError for a capability that no other agent serves, or whose rollout is under
   *   way: then nothing has changed; InvalidQueryError for `settleSeconds`; MissingTableError; the signal's reason
   * @example
   * ```ts
   * for await (const { inbox } of mesh.drain('sentiment-v1')) console.log(inbox.visible, inbox.inFlight);
   * ```
   */
  async *drain(agent: string, { settleSeconds = this.#aws.isLocal ? 15 : 360, signal }: DrainOptions = {}): AsyncGenerator<Draining> {
    if (!(settleSeconds >= 0)) throw new InvalidQueryError(`settleSeconds is ${settleSeconds}`, { remedy: 'Give a number from 0.' });
    const [{ drainInbox }, { withdrawAgent }] = await Promise.all([
      import('./rollouts/drain-agent.ts'),
      import('./rollouts/withdraw-agent.ts'),
    ]);
    const withdrawn = await withdrawAgent(this.#aws, this.name, agent);
    yield* drainInbox(agent, withdrawn, () => this.depth(agent, 'inbox'), { settleSeconds, signal });
  }

  /**
   * An agent's inbox: its depth, since when its oldest message waits at least, and whether the agent is paused. SQS does not report that
   * age: it follows from the probe's snapshots of the last 24 hours, to the minute. That needs `dynamodb:Query` on the table of metrics;
   * `isPaused` needs `lambda:ListEventSourceMappings`, otherwise it is that of the latest snapshot. What is not known is `undefined`, and
   * `snapshotsProblem` has the reason.
   *
   * @throws as {@link queueOf}
   * @example
   * ```ts
   * const { visible, waitingSince, isPaused } = await mesh.inbox('greeting');
   * ```
   */
  inbox(agent: string): Promise<InboxState> {
    const [depth, mapping] = [() => this.depth(agent, 'inbox'), () => this.mapping(agent)];
    return readInbox(agent, { aws: this.#aws, mesh: this.name, depth, mapping });
  }

  /**
   * Makes a message of an event or of its data. It fills in missing `specversion`, `id`, `source`, `time` and a sampled `traceparent`,
   * validates the event as agents do, and stores data that does not fit into 1 MiB in the content bucket.
   *
   * @param given an object with `specversion`, or with `data` or `dataref` and only attributes of an envelope, is an event; anything
   *   else is data
   * @throws InvalidEventError naming the invalid field
   */
  prepare(given: unknown, options?: PrepareOptions): Promise<PreparedMessage> {
    return prepareEvent(given, this.content, options);
  }

  /**
   * Sends one event to an agent. Sent again with the same `id` and `source`, it is handled once.
   *
   * @param given an event or its data, see {@link prepare}
   * @throws InvalidEventError, NotSentError, NoTokenError when the agent requires a token, and as {@link queueOf}
   */
  async send(agent: string, given: unknown, options?: PrepareOptions): Promise<SentEvent> {
    const { body, event } = await this.prepare(given, options);
    const [inbox, attributes] = await Promise.all([this.queueOf(agent, 'inbox'), this.#credentials.attributesFor(agent)]);
    const [delivered] = await deliver(this.#aws.sqs, inbox, [body], attributes, undefined);
    if (delivered === undefined || event === undefined) throw new TypeError('a delivered event has an identity and a result');
    if ('error' in delivered) throw delivered.error;
    return { ...event, messageId: delivered.messageId };
  }

  /**
   * Sends many events to an agent, as fast as its queue accepts them, ten messages and 1 MiB a request. It holds only the events under
   * way in memory. It does not keep the order. {@link createProducer} sends no faster than the agent can handle it.
   *
   * After an error that the next item would meet as well, or when the signal aborts, it takes no more items from the source, which stays
   * open. Items under way are `unsent`.
   *
   * @returns the result of each item that was taken
   * @throws that error, or the signal's reason, after the last result; and as {@link queueOf}
   * @example
   * ```ts
   * for await (const result of mesh.sendMany('order-processing', orders, { type: 'order.placed' }))
   *   if (result.status === 'failed') console.error(result.item, result.error);
   * ```
   */
  async *sendMany<Item>(agent: string, items: AsyncIterable<Item>, options: SendManyOptions<Item> = {}): AsyncGenerator<SendResult<Item>> {
    const { prepare = (item: Item) => this.prepare(item, options), concurrency = 8, signal } = options;
    const target = { aws: this.#aws, mesh: this.name, credentials: this.#credentials, agent };
    const lane = agentLane(target, { governor: 'off', concurrency });
    const closed = Promise.withResolvers<void>();
    try {
      await lane.ready();
      const send = ({ body }: PreparedMessage, stopped: AbortSignal) => lane.send(body, BULK_LINGER_MS, stopped);
      const ended = () => void lane.flushUntil(closed.promise);
      yield* sendEach(items, { prepare, send, ended, concurrency: concurrency * MESSAGES_PER_REQUEST, signal });
    } finally {
      closed.resolve();
      lane.close();
    }
  }

  /**
   * The messages of an agent's error queue or dead-letter queue, each once. They stay in the queue: they are hidden from other readers
   * while the loop runs, and visible again when it ends, breaks, or the signal aborts. If the process dies, they become visible again
   * after `hiddenSeconds`.
   *
   * A queue may hold copies of one message. Copies have the same id, source and generation.
   *
   * @throws as {@link queueOf}, from the iteration
   * @example
   * ```ts
   * for await (const { id, failure } of mesh.failed('greeting', 'dead-letter', { max: 100 })) console.log(id, failure?.reason);
   * ```
   */
  failed(agent: string, kind: FailedQueueKind, { max = Infinity, hiddenSeconds = 30, signal }: FailedOptions = {}): FailedMessages {
    const options = { max, hiddenSeconds, signal, waitSeconds: this.#waitSeconds };
    return new FailedMessages(this.#aws.sqs, () => this.queueOf(agent, kind), options);
  }

  /**
   * Puts messages of an agent's error queue or dead-letter queue back into its inbox: with the next generation if the mesh recorded a
   * failure, otherwise unchanged. It sends each before it deletes it: a crash in between leaves a copy, which the ledger recognises.
   *
   * It believes a failure in a message's attributes only if the agent wrote them, which it checks in the registry. So your role needs
   * `dynamodb:GetItem` on the registry's table, besides the permissions that docs/security.md lists.
   *
   * @returns the result of each chosen message
   * @throws RegistryError when this client may not read the registry and a message has such attributes; NoTokenError; as
   *   {@link queueOf}; and an error that every other message would meet as well
   * @example
   * ```ts
   * for await (const { message, status } of mesh.redrive('greeting', 'dead-letter', { ids: ['order-4711'] })) console.log(message.id, status);
   * ```
   */
  async *redrive(agent: string, kind: FailedQueueKind, options: RedriveOptions = {}): AsyncGenerator<RedriveResult, void, undefined> {
    const [from, to] = [await this.queueOf(agent, kind), await this.queueOf(agent, 'inbox')];
    const credential = () => this.#credentials.attributesFor(agent);
    const access = () => this.#credentials.access(agent);
    yield* redriveMessages(
      { agent, sqs: this.#aws.sqs, content: this.content, from, to, waitSeconds: this.#waitSeconds, credential, access },
      options,
    );
  }

  /**
   * Every hop of a journey, oldest first, and after each hop the messages that it sent and that no process has left a record of yet; at the
   * end those of hops that sent more than 25, and the hops that the index does not show yet. It reads the ledger and the outboxes in it,
   * and receives no message. It reads as the loop goes on: the first hops are there after some ten requests, and it holds some hundred
   * records, and the key of each hop. A message that no agent has sent may be missing for a second.
   *
   * @param id the whole correlation id of the journey, which is the id of its first message unless the producer set another; or the id of
   *   one of its messages; or, in a mesh with `traceIndex`, its trace id
   * @example
   * ```ts
   * for await (const { agent, state } of mesh.journey('order-4711')) console.log(agent, state.kind);
   * ```
   */
  journey(id: string, options: JourneyOptions = {}): AsyncGenerator<Hop, void, undefined> {
    return journey(id, options, { aws: this.#aws, mesh: this.name, content: this.content });
  }

  /**
   * Messages that were received, have no outcome and do not move, those first that have not moved for longest: a process holds them, or
   * they are in backoff, or SQS has not delivered them again. It reads the ledger, and receives no message. A message that no process has
   * received yet has no record: see {@link MeshClient.depth} of the inbox.
   *
   * @throws as {@link queueOf}
   * @example
   * ```ts
   * for await (const { hop, since } of mesh.stuck({ agent: 'greeting' })) console.log(hop.id, hop.state.kind, new Date(since));
   * ```
   */
  async *stuck(options: StuckOptions = {}): AsyncGenerator<StuckMessage, void, undefined> {
    const { agent } = options;
    if (agent !== undefined) await this.queueOf(agent, 'inbox');
    yield* stuckMessages(agent === undefined ? await this.agents() : [agent], options, this.#aws, this.name, Date.now());
  }

  /** The ledger's records of messages by key, see `messageKey` of `posthorn/events`. The result has no entry for a key without a record. */
  records(messageKeys: readonly string[]): Promise<readonly LedgerRecord[]> {
    return records(this.#aws.dynamodb, this.name, messageKeys);
  }

  /**
   * A token with which this client's role may send to an agent, for a producer with its own SQS client: put it into the message attribute
   * `authorization`. With `mesh-edge` it is for the mesh's REST API: put it into the header `Authorization: Bearer`. AWS issues it for 15
   * minutes. The client returns it again until it has less than two minutes left. Your role needs `sts:GetWebIdentityToken`.
   *
   * @returns a JWT, which is a credential: keep it out of logs
   * @throws NoTokenError when the account issues no tokens
   * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
   * @example
   * ```ts
   * const token = await mesh.token('greeting');
   * ```
   */
  token(agent: string): Promise<string> {
    return this.#credentials.tokenFor(agent);
  }

  /**
   * Who may send to an agent, by a consistent read of the registry. Your role needs `dynamodb:GetItem` on its table.
   *
   * @returns `undefined` for an agent that is not registered
   * @see docs/security.md
   * @example
   * ```ts
   * const principals = Object.values((await mesh.access('greeting'))?.principals ?? {});
   * console.log(principals.map(({ name }) => name)); // ['agent:billing', 'producer:shop']
   * ```
   */
  access(agent: string): Promise<AccessRecord | undefined> {
    return accessRecord(this.#aws.dynamodb, this.name, agent);
  }

  /**
   * Who may send to each registered agent, in alphabetical order of the agents, by a consistent read of the registry. Your role needs
   * `dynamodb:Query` on its table.
   *
   * @see docs/security.md
   * @example
   * ```ts
   * for (const { agent, principals } of await mesh.accessRecords()) console.log(agent, Object.keys(principals).length);
   * ```
   */
  accessRecords(): Promise<readonly AccessRecord[]> {
    return accessRecords(this.#aws.dynamodb, this.name);
  }

  /**
   * How each agent is: counts, durations and queues of the last minutes, by the probe's latest snapshots, in alphabetical order. An agent
   * has one from its first minute on. Your role needs `dynamodb:Query` on the table of metrics.
   *
   * @throws MissingTableError
   * @see docs/monitoring.md
   * @example
   * ```ts
   * for (const { agent, wait, queues } of await mesh.metrics()) console.log(agent, wait.p95Ms, queues.inbox.visible);
   * ```
   */
  async metrics(): Promise<readonly AgentMetrics[]> {
    const table = metricsTableName(this.name);
    const snapshots = await inTable(this.#aws, table, latestSnapshots(this.#aws.dynamodb, table));
    return snapshots.map(agentMetrics);
  }

  /**
   * Pauses an agent: Lambda stops receiving its messages, which wait in the inbox. No receive is used, invocations under way end normally,
   * and senders notice nothing. It does nothing for an agent that is paused.
   *
   * Lambda needs up to a minute, during which it may still receive: the state is `disabling` at first. {@link mapping} reads it again. SQS
   * deletes messages that have waited for seven days. A deployment that changes the mapping may resume the agent.
   *
   * Your role needs `lambda:ListEventSourceMappings` and `lambda:UpdateEventSourceMapping`.
   *
   * @param options `signal` ends the wait for a change that is under way, of at most 90 seconds
   * @throws UnknownAgentError, NoAgentsError; NoMappingError; AccessDeniedError naming the action
   * @example
   * ```ts
   * const { state } = await mesh.pause('greeting'); // 'disabling'
   * ```
   */
  pause(agent: string, { signal }: SwitchOptions = {}): Promise<AgentMapping> {
    return this.#mappings.enable(agent, false, signal);
  }

  /**
   * Lets a paused agent receive its messages again. It does nothing for an agent that is not paused.
   *
   * @throws as {@link pause}
   * @example
   * ```ts
   * await mesh.resume('greeting');
   * ```
   */
  resume(agent: string, { signal }: SwitchOptions = {}): Promise<AgentMapping> {
    return this.#mappings.enable(agent, true, signal);
  }

  /**
   * Whether an agent receives its messages. Your role needs `lambda:ListEventSourceMappings`.
   *
   * @throws as {@link pause}
   * @example
   * ```ts
   * const isPaused = (await mesh.mapping('greeting')).state === 'disabled';
   * ```
   */
  mapping(agent: string): Promise<AgentMapping> {
    return this.#mappings.get(agent);
  }

  /**
   * The mesh's replies. SQS delivers each at least once; this returns only the first of the copies of a reply (same id and source), unless
   * 100,000 other replies came in between.
   *
   * The loop takes a reply when it asks for the next one. Replies that were taken are deleted, in requests of up to ten. The others are
   * given back when the signal aborts or the loop ends by `break` or an error; these include the last reply that the loop got. If the
   * process dies, up to ten replies that were taken are redelivered. So a reader that must not act twice stores each reply's id and
   * source durably.
   *
   * @throws MissingQueueError, from the iteration
   * @example
   * ```ts
   * for await (const { envelope } of mesh.replies({ signal })) await record(envelope?.correlationid, envelope?.data);
   * ```
   */
  replies(options: RepliesOptions = {}): Replies {
    return new Replies(
      this.#aws.sqs,
      () => this.#queueUrl('replies', () => repliesQueueUrl(this.#aws, this.name)),
      this.#waitSeconds,
      options,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#aws.destroy();
  }

  /** With a wait of at least 1 second SQS asks all of its servers. A short poll asks a few, and may miss messages. */
  get #waitSeconds(): number {
    return this.#aws.isLocal ? 0 : 1;
  }

  #queueUrl(key: string, ask: () => Promise<string>): Promise<string> {
    const url =
      this.#queueUrls.get(key) ??
      ask().catch((error: unknown) => {
        this.#queueUrls.delete(key);
        throw error;
      });
    this.#queueUrls.set(key, url);
    return url;
  }
}
