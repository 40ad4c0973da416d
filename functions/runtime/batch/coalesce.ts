import DataLoader from 'dataloader';
import type { LedgerRecord } from '../../../events/ledger-record.ts';
import type { Clock, Ledger, LedgerWrite, Queue, QueueMessage, VisibilityChange } from '../ports.ts';

const MAX_READS = 100;
const MAX_WRITES = 25;
const MAX_QUEUE_ENTRIES = 10;
/** SQS takes 1 MiB in a request, bodies and attributes of all its messages together. */
const MAX_SEND_BYTES = 1_048_576;

/** One message's view of ledger and queues. Requests that the messages of a batch make at the same time are sent as one. */
export interface CoalescedIo {
  /** @throws what the ledger answered for this key */
  readRecord(messageKey: string): Promise<LedgerRecord | undefined>;
  /** @throws when it is not known whether the write was applied */
  writeRecord(write: LedgerWrite): Promise<'written' | 'conflict'>;
  send(queueUrl: string, message: QueueMessage): Promise<void>;
  changeVisibility(queueUrl: string, change: VisibilityChange): Promise<void>;
}

export function coalesce(ports: { readonly clock: Clock; readonly ledger: Ledger; readonly queue: Queue }): CoalescedIo {
  const { clock, ledger, queue } = ports;
  const options = (maxBatchSize: number) => ({
    cache: false,
    maxBatchSize,
    batchScheduleFn: (callback: () => void) => clock.soon(callback),
  });

  const reads = new DataLoader<string, LedgerRecord | undefined>(async (keys) => readDistinct(ledger, keys), options(MAX_READS));
  const writes = new DataLoader<LedgerWrite, 'written' | 'conflict'>(async (batch) => writeDistinct(ledger, batch), options(MAX_WRITES));
  const sends = perQueue<QueueMessage>(
    (queueUrl) =>
      new DataLoader(async (messages) => (await Promise.all(chunkBySize(messages).map((chunk) => queue.send(queueUrl, chunk)))).flat(), {
        ...options(MAX_QUEUE_ENTRIES),
      }),
  );
  const changes = perQueue<VisibilityChange>(
    (queueUrl) => new DataLoader((batch) => queue.changeVisibility(queueUrl, batch), options(MAX_QUEUE_ENTRIES)),
  );

  return {
    readRecord: (messageKey) => reads.load(messageKey),
    writeRecord: (write) => writes.load(write),
    send: (queueUrl, message) => sends(queueUrl).load(message).then(nothing),
    changeVisibility: (queueUrl, change) => changes(queueUrl).load(change).then(nothing),
  };
}

const nothing = () => {};

/** DataLoader takes no `undefined` result apart from `Error`s as failures, which is what these ports answer. */
function perQueue<Entry>(create: (queueUrl: string) => DataLoader<Entry, undefined>) {
  const loaders = new Map<string, DataLoader<Entry, undefined>>();
  return (queueUrl: string): DataLoader<Entry, undefined> => {
    let loader = loaders.get(queueUrl);
    if (loader === undefined) {
      loader = create(queueUrl);
      loaders.set(queueUrl, loader);
    }
    return loader;
  };
}

/** BatchGetItem refuses a key that is named twice. */
async function readDistinct(ledger: Ledger, keys: readonly string[]): Promise<(LedgerRecord | undefined | Error)[]> {
  const distinct = [...new Set(keys)];
  const answers = await ledger.read(distinct);
  const byKey = new Map(distinct.map((key, index) => [key, answers[index]]));
  return keys.map((key) => byKey.get(key));
}

/** BatchExecuteStatement refuses an item that is named twice: of two writes to one item the later goes in a request of its own. */
async function writeDistinct(ledger: Ledger, batch: readonly LedgerWrite[]): Promise<('written' | 'conflict' | Error)[]> {
  const seen = new Set<string>();
  const first = batch.filter(({ record }) => !seen.has(record.messageKey) && seen.add(record.messageKey));
  const rest = batch.filter((write) => !first.includes(write));
  const answers = new Map<LedgerWrite, 'written' | 'conflict' | Error>();
  const unanswered = new Error('the ledger gave no answer for this write');
  (await ledger.write(first)).forEach((answer, index) => {
    const write = first[index];
    if (write) answers.set(write, answer);
  });
  if (rest.length > 0)
    (await writeDistinct(ledger, rest)).forEach((answer, index) => {
      const write = rest[index];
      if (write) answers.set(write, answer);
    });
  return batch.map((write) => answers.get(write) ?? unanswered);
}

/** Splits messages, in order, so that no request is over the size that SQS takes. */
export function chunkBySize(messages: readonly QueueMessage[]): QueueMessage[][] {
  const chunks: QueueMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    const last = chunks.at(-1);
    if (last === undefined || size > room) {
      chunks.push([message]);
      room = MAX_SEND_BYTES - size;
    } else {
      last.push(message);
      room -= size;
    }
  }
  return chunks;
}

/** As SQS counts: body, and each attribute's name, type and value, in UTF-8. */
export function sizeOf({ body, attributes }: QueueMessage): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, value] of Object.entries(attributes)) bytes += Buffer.byteLength(name) + 'String'.length + Buffer.byteLength(value);
  return bytes;
}
