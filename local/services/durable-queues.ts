import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { BuildAppOptions } from 'fauxqs';
import { OPERATOR_SENDER_ID } from './identities.ts';
import type { SentMessage } from './sender-ids.ts';

interface Statement extends Pick<StatementSync, 'get' | 'iterate'> {
  run(...parameters: SQLInputValue[]): unknown;
  all: StatementSync['all'] | StatementSync['iterate'];
}

/** The internals of fauxqs' PersistenceManager that are corrected here. */
interface Internals {
  readonly db: DatabaseSync;
  stmts: Record<string, Statement>;
  transaction(work: () => void): void;
  insertMessage(queueName: string, message: SentMessage): void;
  updateMessageInflight(messageId: string, handle: string, deadline: number, receiveCount: number, firstReceived?: number): void;
  updateMessageReady(messageId: string): void;
  close(): void;
}

/**
 * Makes fauxqs' SQLite persistence survive a kill -9 without losing or wedging a message:
 *
 * - All writes of one request are one transaction, committed before the request is answered. fauxqs commits each statement by
 *   itself, so that a kill between "delete from the queue" and "insert into its dead-letter queue" loses the message.
 * - Making a message visible at once (visibility timeout 0) works. fauxqs 2.4.1 sets a NOT NULL column to NULL there, so the
 *   call fails after the message has left the memory.
 * - The column `deferred` separates messages whose receiver changed the visibility timeout (a retry's delay) from those that were only
 *   received, see {@link heldMessages}.
 * - The column `sender_id` keeps who sent a message, see {@link restoreSenders}.
 * - Messages are loaded one by one. fauxqs has all rows of a queue in memory, beside the messages that it makes of them.
 *
 * The operating system has a request's writes before the request is answered (WAL, synchronous=NORMAL). A killed process loses
 * nothing; a power failure may lose the last writes.
 *
 * @param onWriteError called before the writing request is answered. The commit happens after the request's code, so it cannot throw there
 */
export function makeDurable(persistence: unknown, onWriteError: (error: unknown) => void): DatabaseSync {
  if (!hasInternals(persistence))
    throw new Error('This version of fauxqs has a persistence that cannot be corrected here: install the pinned version');
  const { db } = persistence;
  db.exec('PRAGMA synchronous = NORMAL');
  const columns = db.prepare('PRAGMA table_info(sqs_messages)').all();
  if (!columns.some((column) => column.name === 'deferred')) {
    db.exec('ALTER TABLE sqs_messages ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0');
  }
  if (!columns.some((column) => column.name === 'sender_id')) {
    db.exec(`ALTER TABLE sqs_messages ADD COLUMN sender_id TEXT NOT NULL DEFAULT '${OPERATOR_SENDER_ID}'`);
  }
  const sender = db.prepare('UPDATE sqs_messages SET sender_id = ? WHERE message_id = ?');
  // The right-hand side sees the old row: the same handle again means that its holder changed the visibility.
  const inflight = db.prepare(
    `UPDATE sqs_messages SET deferred = (receipt_handle IS ?1), receipt_handle = ?1, visibility_deadline = ?2,
       approximate_receive_count = ?3, approximate_first_receive_timestamp = ?4 WHERE message_id = ?5`,
  );
  const ready = db.prepare('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?');

  let open = false;
  const commit = () => {
    if (!open) return;
    open = false;
    try {
      db.exec('COMMIT');
    } catch (error) {
      onWriteError(error);
    }
  };
  // A request writes synchronously and answers some microtasks later, so this commits between the two.
  const begin = () => {
    if (open) return;
    db.exec('BEGIN');
    open = true;
    queueMicrotask(commit);
  };

  const write = <Result>(statement: () => Result): Result => {
    try {
      begin();
      return statement();
    } catch (error) {
      onWriteError(error);
      throw error;
    }
  };

  persistence.stmts = Object.fromEntries(
    Object.entries(persistence.stmts).map(([name, statement]) => {
      const run = (...parameters: SQLInputValue[]) => {
        return write(() => statement.run(...parameters));
      };
      const all = name === 'loadMessages' ? statement.iterate.bind(statement) : statement.all.bind(statement);
      return [name, { run, get: statement.get.bind(statement), iterate: statement.iterate.bind(statement), all }];
    }),
  );
  const insertMessage = persistence.insertMessage.bind(persistence);
  persistence.insertMessage = (queueName, message) => {
    insertMessage(queueName, message);
    const { senderId, messageId } = message;
    if (senderId !== undefined && senderId !== OPERATOR_SENDER_ID) write(() => sender.run(senderId, messageId));
  };
  persistence.updateMessageInflight = (messageId, handle, deadline, receiveCount, firstReceived) => {
    write(() => inflight.run(handle, deadline, receiveCount, firstReceived ?? null, messageId));
  };
  persistence.updateMessageReady = (messageId) => {
    write(() => ready.run(messageId));
  };
  persistence.transaction = (work) => {
    begin();
    db.exec('SAVEPOINT nested');
    try {
      work();
      db.exec('RELEASE nested');
    } catch (error) {
      db.exec('ROLLBACK TO nested; RELEASE nested');
      throw error;
    }
  };
  const close = persistence.close.bind(persistence);
  persistence.close = () => {
    commit();
    close();
  };
  return db;
}

function hasInternals(value: unknown): value is Internals {
  return (
    value !== null &&
    typeof value === 'object' &&
    'db' in value &&
    value.db instanceof DatabaseSync &&
    'stmts' in value &&
    ['transaction', 'insertMessage', 'updateMessageInflight', 'updateMessageReady', 'close'].every((method) => method in value)
  );
}

/** Updates the port in queue URLs, which may have changed since the last run. Call it before `load`. */
export function updateQueueUrls(db: DatabaseSync, prefix: string): void {
  db.prepare('UPDATE sqs_queues SET url = ? || name').run(prefix);
}

/**
 * Receipt handles, by queue, of the messages that were in flight when the process died, and whose receiver had not changed the
 * visibility timeout. Call it before `load`.
 */
export function heldMessages(db: DatabaseSync): ReadonlyMap<string, readonly string[]> {
  const held = new Map<string, string[]>();
  const rows = db.prepare('SELECT queue_name, receipt_handle FROM sqs_messages WHERE deferred = 0 AND receipt_handle IS NOT NULL').all();
  for (const { queue_name: queue, receipt_handle: handle } of rows) {
    if (typeof queue !== 'string' || typeof handle !== 'string') continue;
    const handles = held.get(queue) ?? [];
    held.set(queue, handles);
    handles.push(handle);
  }
  return held;
}

/** Gives the loaded messages of a store their senders. Call it after `load`. */
export function restoreSenders(db: DatabaseSync, store: NonNullable<BuildAppOptions['stores']>['sqsStore']): void {
  const others = db.prepare('SELECT message_id, sender_id FROM sqs_messages WHERE sender_id <> ?').iterate(OPERATOR_SENDER_ID);
  const senders = new Map<unknown, string>();
  for (const { message_id: id, sender_id: sender } of others) senders.set(id, String(sender));
  for (const queue of store.allQueues()) {
    const { ready, delayed, inflight } = queue.inspectMessages();
    const messages: readonly SentMessage[] = [...ready, ...delayed, ...inflight.map(({ message }) => message)];
    for (const message of messages) message.senderId = senders.get(message.messageId) ?? OPERATOR_SENDER_ID;
  }
}
