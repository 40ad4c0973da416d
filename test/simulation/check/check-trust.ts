import type { Report } from './check-history.ts';
import type { Facts, SentCopy } from './facts.ts';
import { mayHaveSource, principalOf, REFUSALS } from './forgery.ts';
import { claimedKeyOf, idOfRefusedKey, isRefusedKey, messageIdOf } from './keys.ts';
import { ProcessView } from './process-view.ts';

/** A refusal is decided on what was true at most so long before. */
const CERTAIN_MS = 1_000;

/** Attempts that fail before the handler begins. */
const BEFORE_HANDLING = new Set(['Abandoned', 'ContentStoreUnavailable']);

/** A revoked permission may be used so long, where the registry cannot be read: five minutes, and what a read may lag behind. */
const USABLE_MS = 330_000;

/** Refused messages touch nothing but a record of their own, and nobody else's message; each message has one outcome, whoever may send. */
export function checkTrust(facts: Facts, report: Report): void {
  const view = new ProcessView(facts);
  checkRecords(facts, report);
  checkReads(facts, view, report);
  checkHandled(facts, view, report);
  checkConflicts(facts, report);
  checkOneOutcome(facts, view, report);
  checkRefusals(facts, view, report);
  checkAttempts(facts, view, report);
}

/** Each record is of one SQS message, which may have its key. */
function checkRecords(facts: Facts, report: Report): void {
  for (const { key, record } of facts.written) {
    if (isOfNoMessage(key)) continue;
    if (isRefusedKey(key)) {
      const copy = facts.byMessageId.get(idOfRefusedKey(key));
      const isRight = record.outcome === 'rejected' && record.attempts.length === 1 && record.claim === undefined;
      if (!isRight) report('refused at once', `${key} is ${record.outcome} after ${record.attempts.length} attempts`);
      if (copy === undefined || (copy.forgery === undefined && !copy.isDoubtful))
        report('only what may not be sent is refused', `${key}: ${record.error?.code}`);
      continue;
    }
    const [, source = ''] = claimedKeyOf(key).split(' ');
    if (!mayHaveSource(record.sender, source, facts.history.senders))
      report('refusals harm nobody', `a record of ${key} is of the sender ${record.sender}`);
    const messageId = messageIdOf(record);
    if (messageId === undefined) {
      if (!facts.history.isSideBySide) report('refusals harm nobody', `a record of ${key} does not name its SQS message`);
      continue;
    }
    const copy = facts.byMessageId.get(messageId);
    if (copy === undefined || copy.forgery !== undefined || copy.claimedBase !== claimedKeyOf(key))
      report('refusals harm nobody', `a record of ${key} is of ${copy?.forgery ?? 'another message'}, copy ${copy?.copy}`);
  }
}

/** Alerts, and messages that are no envelope. */
const isOfNoMessage = (key: string): boolean => key.startsWith('alert:') || key.startsWith('unopened:');

/**
 * A process reads under an id what it received for it. A forged message that is redelivered, or that an operator put back, is looked up:
 * it may have been accepted.
 */
function checkReads(facts: Facts, view: ProcessView, report: Report): void {
  for (const { keys, invocation, order } of facts.read) {
    const received = view.receivedBefore(invocation, order);
    for (const key of keys) {
      if (isOfNoMessage(key) || isRefusedKey(key)) continue;
      const isDue = received.some(
        ({ copy, receives }) =>
          copy.claimedBase === claimedKeyOf(key) && (copy.forgery === undefined || copy.by === 'operator' || receives > 1),
      );
      if (!isDue) report('refusals harm nobody', `${key} was read in invocation ${invocation}, which had no message of it`);
    }
  }
}

/** Handlers are given what may be sent, and no sender's message long after it may not. */
function checkHandled(facts: Facts, view: ProcessView, report: Report): void {
  if (facts.history.isSideBySide) return;
  for (const { agent, source, id, sender, invocation, order, at } of facts.started) {
    const base = `${agent} ${source} ${id}`;
    const received = view.receivedBefore(invocation, order).filter(({ copy }) => copy.claimedBase === base);
    const isDue = received.some(({ copy }) => copy.forgery === undefined);
    if (!isDue || !mayHaveSource(sender, source, facts.history.senders))
      report('what is refused is not handled', `${base} of ${sender} in invocation ${invocation}`);
    const isOwn = received.every(({ copy }) => copy.forgery !== undefined || copy.by === 'producer');
    const from = Math.min(...received.map((each) => each.at));
    if (isOwn && !wasEver(facts, sender, true, from - USABLE_MS, at))
      report('revoked permissions end', `${base} of ${sender} was handled in invocation ${invocation}`);
  }
}

/** An id is not taken by other data that may not be sent. */
function checkConflicts(facts: Facts, report: Report): void {
  const digests = new Map<string, Set<string>>();
  for (const { claimedBase, identity, forgery } of facts.inboxes) {
    if (forgery === undefined) digests.set(claimedBase, (digests.get(claimedBase) ?? new Set()).add(identity.digest));
  }
  for (const commits of facts.commits.values()) {
    for (const { base, record } of commits) {
      if (record.error?.code === 'Conflict' && (digests.get(base)?.size ?? 0) < 2)
        report('refusals harm nobody', `${base} is a conflict, and nobody who may sent other data under its id`);
    }
  }
}

/**
 * An SQS message has one outcome, even if the permission of its sender changes between its receives. There are two exceptions: of two
 * invocations that have the message at the same time, one may accept and the other refuse it; and a record that was replaced by that
 * of a redriven message cannot show that this one was accepted.
 */
function checkOneOutcome(facts: Facts, view: ProcessView, report: Report): void {
  const outcomes = new Map<string, { readonly key: string; readonly order: number }>();
  for (const { key, record, order, invocation, at } of facts.written) {
    if (record.outcome === undefined || isOfNoMessage(key)) continue;
    const id = isRefusedKey(key) ? idOfRefusedKey(key) : messageIdOf(record);
    if (id === undefined) continue;
    const first = outcomes.get(id);
    if (first === undefined) outcomes.set(id, { key, order });
    if (first === undefined || first.key === key) continue;
    if (!view.areBeside(first, { invocation, at }, id) && !isReplaced(facts, first, id, order))
      report('one outcome', `the SQS message ${id} has one as ${first.key} and one as ${key}`);
  }
}

/** Whether another SQS message wrote the record after the first outcome. */
function isReplaced(facts: Facts, { key, order }: { readonly key: string; readonly order: number }, id: string, before: number): boolean {
  return facts.written.some(
    (write) => write.key === key && write.order > order && write.order < before && messageIdOf(write.record) !== id,
  );
}

/** A sender that may send is not refused because a process has not heard of it. */
function checkRefusals(facts: Facts, view: ProcessView, report: Report): void {
  for (const { key, record, invocation, order, at } of facts.written) {
    if (record.outcome === undefined || !REFUSALS.has(record.error?.code ?? '')) continue;
    const copy = facts.byMessageId.get(isRefusedKey(key) ? idOfRefusedKey(key) : (messageIdOf(record) ?? ''));
    if (copy === undefined || copy.forgery !== undefined) continue;
    const from = Math.min(...view.receivedBefore(invocation, order).flatMap((each) => (each.copy === copy ? each.at : [])));
    if (!sendersOf(copy).some((sender) => wasEver(facts, sender, false, from - CERTAIN_MS, at)))
      report('who may send is not refused', `${key} of copy ${copy.copy}: ${record.error?.code}`);
  }
}

/** An attempt is a run of the handler, or what the mesh found before it: an outage of the registry is neither. */
function checkAttempts(facts: Facts, view: ProcessView, report: Report): void {
  const runs = new Set(facts.started.map(({ agent, source, id, invocation }) => `${view.processOf(invocation)} ${agent} ${source} ${id}`));
  for (const { key, record, invocation } of facts.attempts) {
    const code = record.attempts.at(-1)?.code ?? '';
    if (!BEFORE_HANDLING.has(code) && !runs.has(`${view.processOf(invocation)} ${key}`))
      report('an outage is no attempt', `${key} has the attempt ${code} on record, without a handler`);
  }
}

const sendersOf = ({ senderId, attributes }: SentCopy): string[] => [senderId, attributes['posthorn-sender'] ?? senderId];

/** Whether the sender may send, or may not, at any time between the two. */
function wasEver(facts: Facts, senderId: string, isAllowed: boolean, from: number, until: number): boolean {
  const principal = principalOf(senderId);
  let current = true;
  for (const change of facts.permitted) {
    if (change.principal !== principal || change.at > until) continue;
    if (change.at <= from) current = change.isAllowed;
    else if (change.isAllowed === isAllowed) return true;
  }
  return current === isAllowed;
}
