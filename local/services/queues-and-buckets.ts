import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildAppOptions, buildApp } from 'fauxqs';
import type { ReceivedMessage } from '../lambda/sqs-event.ts';
import { correctRoutes } from './correct-routes.ts';
import type { DataHealth } from './data-health.ts';
import { heldMessages, makeDurable, restoreSenders, updateQueueUrls } from './durable-queues.ts';
import { FairQueues } from './fair-queues.ts';
import type { App } from './fauxqs-app.ts';
import { Identities } from './identities.ts';
import { QueueSpill } from './queue-spill.ts';
import { SenderIds } from './sender-ids.ts';
import { SigningKeys } from './signing-keys.ts';

type Stores = NonNullable<BuildAppOptions['stores']>;

/** SQS, S3, SNS and STS on fauxqs, without a listening socket of its own. */
export interface QueuesAndBuckets extends Stores {
  readonly app: App;
  readonly health: DataHealth;
  readonly identities: Identities;
  /** Receives up to ten messages, as soon as one is available; none after `waitSeconds`, or at close. */
  receive(queueUrl: string, maxMessages: number, waitSeconds: number): Promise<readonly ReceivedMessage[]>;
  remove(queueUrl: string, receiptHandles: readonly string[]): void;
  makeVisible(queueUrl: string, receiptHandles: readonly string[]): void;
  /** Ends every waiting `receive` of the queue with the messages that are available. */
  endReceives(queueUrl: string): void;
  /**
   * Makes messages visible that were in flight when the directory's previous process died: their receivers died too. It keeps a
   * visibility timeout that was set after the receive (a retry's delay).
   */
  releaseHeld(queueName: string): void;
  /** The number of messages: visible, delayed and in flight. */
  depth(queueArn: string): number;
  close(): Promise<void>;
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const REFUSED_BY_SQS = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** fauxqs' account; it cannot be changed. */
export const ACCOUNT_ID = '000000000000';

/**
 * Opens fauxqs' stores, durable if a directory is given, and its HTTP routes.
 *
 * fauxqs exports neither its stores nor its persistence. Only `startFauxqs` wires them, and it listens on every interface. So this
 * imports them by file, found through the package's package.json. The version is pinned, and
 * test/integration/embedded-cloud/persistence.test.ts fails if a later version moves them.
 *
 * @param endpoint the beginning of queue URLs, e.g. `http://127.0.0.1:4566`
 */
export async function openQueuesAndBuckets(options: {
  readonly endpoint: string;
  readonly region: string;
  /** @default none: the data ends with the process */
  readonly directory?: string;
  /** Keeps the keys of STS's tokens. @default none: they end with the process */
  readonly signingKeysFile?: string;
  readonly health: DataHealth;
}): Promise<QueuesAndBuckets> {
  const [{ SqsStore }, { SnsStore }, { S3Store }, { PersistenceManager }, { receiveMessage }, { INVALID_MESSAGE_BODY_CHAR }] =
    await Promise.all([
      internals<{ SqsStore: new () => Stores['sqsStore'] }>('sqs/sqsStore.js'),
      internals<{ SnsStore: new () => Stores['snsStore'] }>('sns/snsStore.js'),
      internals<{ S3Store: new () => Stores['s3Store'] }>('s3/s3Store.js'),
      internals<{ PersistenceManager: new (directory: string) => Persistence }>('persistence.js'),
      internals<{ receiveMessage: ReceiveMessage }>('sqs/actions/receiveMessage.js'),
      internals<{ INVALID_MESSAGE_BODY_CHAR: RegExp }>('sqs/sqsTypes.js'),
    ]);
  // fauxqs' own expression lacks the flag u, so it refuses every character beyond U+FFFF, e.g. emoji.
  INVALID_MESSAGE_BODY_CHAR.test = (body) => REFUSED_BY_SQS.test(body);
  const stores: Stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const { health } = options;
  const urlPrefix = `${options.endpoint}/${ACCOUNT_ID}/`;
  // fauxqs would build URLs with sqs.<region>.localhost, which some resolvers do not know.
  stores.sqsStore.buildQueueUrl = (name) => `${urlPrefix}${name}`;
  const senderIds = new SenderIds();
  senderIds.stamp(stores.sqsStore);
  const spill = new QueueSpill();
  spill.attach(stores.sqsStore);
  // Outside of the spill: it knows the attributes of a message as the request has them.
  const fairQueues = new FairQueues();
  fairQueues.watch(stores.sqsStore);

  let held: ReadonlyMap<string, readonly string[]> = new Map();
  const persistence = options.directory === undefined ? undefined : new PersistenceManager(options.directory);
  if (persistence !== undefined) {
    const database = makeDurable(persistence, (error) => health.report(error));
    updateQueueUrls(database, urlPrefix);
    held = heldMessages(database);
    spill.load(stores.sqsStore, () => persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store));
    restoreSenders(database, stores.sqsStore);
    // Connected after the load: otherwise each store would write everything that it reads.
    attach(stores, persistence);
  }

  const makeVisible = (queueUrl: string, receiptHandles: readonly string[]) => {
    const queue = stores.sqsStore.getQueue(queueUrl);
    for (const handle of receiptHandles) queue?.changeVisibility(handle, 0);
  };
  const app = buildApp({ logger: false, defaultRegion: options.region, stores });
  const identities = new Identities(ACCOUNT_ID);
  const place = { endpoint: options.endpoint, region: options.region, accountId: ACCOUNT_ID };
  const keys = new SigningKeys({ file: options.signingKeysFile, health });
  correctRoutes(app, { health, sts: { place, identities, keys }, senderIds, fairQueues });
  await app.ready();
  return {
    ...stores,
    app,
    health,
    identities,
    async receive(queueUrl, maxMessages, waitSeconds) {
      if (health.failure !== undefined) throw health.failure;
      const request = {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: maxMessages,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      };
      const { Messages = [] } = await receiveMessage(request, stores.sqsStore);
      senderIds.correct(Messages);
      return Messages;
    },
    remove(queueUrl, receiptHandles) {
      const queue = stores.sqsStore.getQueue(queueUrl);
      for (const handle of receiptHandles) queue?.deleteMessage(handle);
    },
    makeVisible,
    endReceives: (queueUrl) => stores.sqsStore.getQueue(queueUrl)?.cancelWaiters(),
    releaseHeld: (queueName) => makeVisible(`${urlPrefix}${queueName}`, held.get(queueName) ?? []),
    depth(queueArn) {
      const queue = stores.sqsStore.getQueueByArn(queueArn);
      return COUNTS.reduce((sum, name) => sum + Number(queue?.getAttribute(name) ?? 0), 0);
    },
    async close() {
      await app.close();
      persistence?.close();
      spill[Symbol.dispose]();
    },
  };
}

type ReceiveMessage = (
  request: object,
  store: Stores['sqsStore'],
) => Promise<{ readonly Messages?: readonly ReceivedMessage[] | undefined }>;

type Persistence = NonNullable<Stores['sqsStore']['persistence']>;

function attach(stores: Stores, persistence: Persistence): void {
  stores.sqsStore.persistence = persistence;
  stores.snsStore.persistence = persistence;
  stores.s3Store.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
}

async function internals<Module>(file: string): Promise<Module> {
  const manifest = findPackageJSON('fauxqs', import.meta.url);
  if (manifest === undefined) throw new Error('fauxqs is not installed');
  return import(pathToFileURL(join(dirname(manifest), 'dist', file)).href);
}
