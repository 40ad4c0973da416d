import type { Evidence, FailedCopy, FoundRecord, Produced } from './processes-evidence.ts';

/** What the run came to, and every promise that was broken, in a sentence each. */
export interface Verdict {
  readonly violations: readonly string[];
  /** Outcomes by agent and outcome, e.g. `enriching rejected`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Messages given up because the processes that had them were killed too often: dead-lettered with no fault of their own. */
  readonly casualties: number;
  /** Copies beyond the first that were sent of replies, and of failed messages. */
  readonly repeatedCopies: number;
}

const MAX_ATTEMPTS = 4;
const KILLED = new Set(['Abandoned', 'ReceivesExhausted', 'DeadlineExceeded']);

/** What an agent does with each kind of message if nothing is killed. */
const FAILURES: Readonly<Record<string, { readonly outcome: string; readonly code: string }>> = {
  'receiving doomed': { outcome: 'dead-lettered', code: 'Doomed' },
  'enriching unwanted': { outcome: 'rejected', code: 'Unwanted' },
};
const NEXT: Readonly<Record<string, string>> = { receiving: 'enriching', enriching: 'concluding' };

/** A message that was put into an inbox, by the producer or by the commit of the agent before. */
interface Due {
  readonly kind: string;
  readonly nonce: string;
  readonly body: string;
}

/**
 * Holds what a run left behind against the promises: every message has exactly one outcome, the one it deserves; its effects are
 * those of the one commit, and there once; nothing is left over. Knows the records and queues as they are documented, and no code
 * of the mesh.
 */
export function checkProcesses({ produced, records, replies, failed, leftInInboxes }: Evidence): Verdict {
  const violations: string[] = [];
  const outcomes: Record<string, number> = {};
  let casualties = 0;
  const due = new Map(produced.map((message) => [keyOfProduced(message), dueOf(message)]));
  const byKey = new Map(records.map((record) => [record.messageKey, record]));
  const committedReplies = new Set<string>();
  const copies = Map.groupBy(failed, ({ agent, body }) => `${agent} ${body}`);

  for (const agent of ['receiving', 'enriching', 'concluding']) {
    for (const [key, message] of [...due].filter(([dueKey]) => dueKey.startsWith(`${agent} `))) {
      const record = byKey.get(key);
      if (record?.outcome === undefined) {
        violations.push(`${key} has no outcome (${record === undefined ? 'no record' : `${record.attempts} attempts`})`);
        continue;
      }
      const label = `${agent} ${record.outcome}`;
      outcomes[label] = (outcomes[label] ?? 0) + 1;
      if (isCasualty(record)) casualties++;
      violations.push(...judge(key, message, record, copies.get(`${agent} ${message.body}`) ?? []));
      if (record.outcome !== 'processed') continue;
      const expected = agent === 'receiving' && message.kind === 'forked' ? 2 : 1;
      if (record.outbox.length !== expected) violations.push(`${key} sends ${record.outbox.length} messages, not ${expected}`);
      for (const { to, body } of record.outbox) {
        if (to !== NEXT[agent]) violations.push(`${key} sends to ${to}`);
        if (to === undefined) committedReplies.add(body);
        else due.set(keyOfSent(agent, to, body), sentOf(body));
      }
    }
  }

  for (const { messageKey } of records) if (!due.has(messageKey)) violations.push(`${messageKey} is on record, and nobody sent it`);
  for (const { agent, body } of failed) {
    if (!due.has(keyOfCopy(agent, body))) violations.push(`a queue of ${agent} has a message that nobody sent: ${body.slice(0, 200)}`);
  }
  const seenReplies = new Set(replies);
  for (const body of seenReplies) if (!committedReplies.has(body)) violations.push(`a reply that nobody committed: ${body.slice(0, 200)}`);
  for (const body of committedReplies) if (!seenReplies.has(body)) violations.push(`a committed reply never came: ${body.slice(0, 200)}`);
  for (const [agent, left] of Object.entries(leftInInboxes))
    if (left > 0) violations.push(`${left} messages are left in the inbox of ${agent}`);
  const repeatedCopies = replies.length - seenReplies.size + failed.length - copies.size;
  return { violations, outcomes, casualties, repeatedCopies };
}

function judge(key: string, { kind, nonce }: Due, record: FoundRecord, copies: readonly FailedCopy[]): readonly string[] {
  const found: string[] = [];
  const { outcome, code, attempts, agent } = record;
  const deserved = FAILURES[`${agent} ${kind}`];
  const isDeserved = deserved === undefined ? outcome === 'processed' : outcome === deserved.outcome && code === deserved.code;
  if (!isDeserved && !isCasualty(record)) found.push(`${key} (${kind}) is ${outcome} ${code ?? ''}`);
  if (attempts > MAX_ATTEMPTS) found.push(`${key} was tried ${attempts} times`);
  if (outcome === 'processed') {
    if (record.received !== nonce) found.push(`${key} was given '${record.received}', and sent was '${nonce}'`);
    if (copies.length > 0) found.push(`${key} is processed, and lies in ${copies[0]?.queue} too`);
    return found;
  }
  if (record.outbox.length > 0) found.push(`${key} is ${outcome}, and sends all the same`);
  const queue = outcome === 'rejected' ? 'errors' : 'dlq';
  if (!copies.some((copy) => copy.queue === queue)) found.push(`${key} is ${outcome}, and there is no copy in ${queue}`);
  for (const copy of copies) {
    if (copy.queue !== queue || copy.outcome !== outcome || copy.code !== code || copy.attempts !== attempts) {
      found.push(`${key} is ${outcome} ${code}, its copy in ${copy.queue} says ${copy.outcome} ${copy.code} after ${copy.attempts}`);
    }
  }
  return found;
}

const isCasualty = ({ outcome, code }: FoundRecord): boolean => outcome === 'dead-lettered' && KILLED.has(code ?? '');

const keyOfProduced = ({ source, id }: Produced): string => `receiving ${source} ${id}`;
const dueOf = ({ kind, body }: Produced): Due => ({ kind, nonce: '', body });

function keyOfSent(from: string, to: string, body: string): string {
  return `${to} /agents/${from} ${JSON.parse(body).id}`;
}

function sentOf(body: string): Due {
  const { kind, nonce } = JSON.parse(body).data;
  return { kind, nonce, body };
}

function keyOfCopy(agent: string, body: string): string {
  const { source, id } = JSON.parse(body);
  return `${agent} ${source} ${id}`;
}
