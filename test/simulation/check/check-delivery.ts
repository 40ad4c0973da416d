import type { Report } from './check-history.ts';
import type { Committed, Facts, SentCopy } from './facts.ts';
import { keyOf } from './keys.ts';

/** What stops a whole process. */
const STOPPING = new Set(['poison', 'freeze']);

/** Acknowledged messages have their outcome and a sent outbox; failed messages are in their queues; inboxes are empty. */
export function checkDelivery(facts: Facts, report: Report): void {
  const firstSent = new Map<string, number>();
  for (const { queue, body, order, forgery } of facts.byAgents)
    if (forgery === undefined && !firstSent.has(`${queue} ${body}`)) firstSent.set(`${queue} ${body}`, order);
  const firstFailed = new Map<string, SentCopy>();
  for (const copy of facts.failed) {
    const { attributes, body } = copy;
    const refusal = attributes['posthorn-sender'];
    // Copies of refused messages are told apart by all that they say, for the same body may be refused many times.
    const key =
      refusal === undefined
        ? `${copy.queue} ${attributes['posthorn-generation']} ${body}`
        : refusalOf(copy, attributes['posthorn-code'], attributes['posthorn-failedat'], refusal);
    if (!firstFailed.has(key)) firstFailed.set(key, copy);
  }

  const isRefusalSent = (copy: SentCopy, order: number): boolean => {
    const commit = facts.commits.get(copy.refusedKey)?.[0];
    if (commit === undefined || commit.order > order) return false;
    return (firstFailed.get(refusalOfCommit(copy, commit))?.order ?? Number.POSITIVE_INFINITY) < order;
  };
  const isDispatched = (copy: SentCopy, order: number): boolean => {
    if (isRefusalSent(copy, order) || isOutcomeSent(copy, copy.identity.key, order)) return true;
    // It was a duplicate of another SQS message, and was delivered once more after its delete, when its sender had lost its permission.
    return copy.isDoubtful && isOutcomeSent(copy, keyOf(copy.claimedBase, copy.identity.digest, copy.identity.generation), order);
  };
  const isOutcomeSent = (copy: SentCopy, key: string, order: number): boolean => {
    const commit = facts.commits.get(key)?.[0];
    if (commit === undefined || commit.order > order) return false;
    if (commit.outcome === 'processed') {
      return commit.outbox.every(({ queue, body }) => (firstSent.get(`${queue} ${body}`) ?? Number.POSITIVE_INFINITY) < order);
    }
    const queue = `${copy.identity.agent} ${commit.outcome === 'rejected' ? 'errors' : 'dlq'}`;
    return bodiesOf(facts, copy, key).some(
      (body) => (firstFailed.get(`${queue} ${copy.identity.generation} ${body}`)?.order ?? Number.POSITIVE_INFINITY) < order,
    );
  };

  for (const { copy: number, order } of facts.deleted) {
    const copy = facts.copies.get(number);
    if (copy?.queue.endsWith(' inbox') && !isDispatched(copy, order) && !facts.isSuperseded(copy.identity))
      report('nothing is acknowledged early', `copy ${number} of ${copy.identity.key} was deleted`);
  }

  const refusals = new Set<string>();
  for (const copy of facts.inboxes) {
    const commit = facts.commits.get(copy.refusedKey)?.[0];
    if (commit !== undefined) refusals.add(refusalOfCommit(copy, commit));
  }
  for (const copy of facts.failed) {
    const { queue, attributes, body, identity } = copy;
    const sender = attributes['posthorn-sender'];
    if (sender !== undefined) {
      if (!refusals.has(refusalOf(copy, attributes['posthorn-code'], attributes['posthorn-failedat'], sender)))
        report('copies say what happened', `${queue} has a copy of ${identity.key}, refused, which no record is`);
      continue;
    }
    const commit = facts.commits.get(identity.key)?.[0];
    const agrees =
      commit?.outcome === attributes['posthorn-outcome'] &&
      queue.endsWith(commit?.outcome === 'rejected' ? ' errors' : ' dlq') &&
      String(commit?.record.attempts.length) === attributes['posthorn-attempts'] &&
      commit?.record.error?.code === attributes['posthorn-code'] &&
      String(identity.generation) === attributes['posthorn-generation'];
    // A body that is not an envelope is identified by SQS's id, which differs for each copy.
    if (!agrees && facts.isEnvelope(body)) report('copies say what happened', `${queue} has a copy of ${identity.key} that says otherwise`);
  }

  // Neither a handler that hangs nor a service that does not answer may hold the batch: only what stops a whole process does.
  for (const [number, { isTimedOut, disturbances, agent }] of facts.invocations) {
    if (isTimedOut && !disturbances.some((by) => STOPPING.has(by)))
      report('a batch ends in time', `invocation ${number} of ${agent} was still going on`);
  }
  for (const { copy, receives } of facts.moved) {
    if (receives < facts.history.maxReceives) report('SQS gives up last', `copy ${copy} was moved after ${receives} receives`);
  }
  for (const copy of facts.history.left) report('inboxes are empty at the end', `copy ${copy} of ${facts.copies.get(copy)?.identity.key}`);
  for (const { reason } of facts.misused) report('ports are used within limits', reason);
}

/** All that the copy of a refused message says. */
function refusalOf({ identity, body }: SentCopy, code = '', failedAt = '', sender = ''): string {
  return `${identity.agent} errors ${identity.generation} ${code} ${failedAt} ${sender} ${body}`;
}

function refusalOfCommit(copy: SentCopy, { record }: Committed): string {
  return refusalOf(copy, record.error?.code, new Date(record.endedAt ?? 0).toISOString(), record.sender);
}

/** Whatever bodies the message came in: a copy carries one of them, byte for byte. */
function bodiesOf(facts: Facts, { read, body }: SentCopy, key: string): readonly string[] {
  return read === undefined ? [body] : facts.bodiesOf(key);
}
