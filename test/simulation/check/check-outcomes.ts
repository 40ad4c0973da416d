import type { Report } from './check-history.ts';
import type { Committed, Facts, SentCopy } from './facts.ts';
import { REFUSALS } from './forgery.ts';
import { idOfRefusedKey, isRefusedKey, messageIdOf } from './keys.ts';

/** Exactly one outcome per message and generation; one processing per message whatever is redriven; the outcome that its kind deserves. */
export function checkOutcomes(facts: Facts, report: Report): void {
  const sent = new Map(facts.inboxes.map((copy) => [copy.identity.key, copy]));
  const moved = new Set(facts.moved.map(({ copy }) => copy));
  for (const [key, { copy, identity, forgery, isDoubtful }] of sent) {
    // What SQS moves without an outcome is put back as another SQS message: what is refused has the outcome as that one.
    if ((forgery !== undefined || isDoubtful) && moved.has(copy)) continue;
    if (!facts.commits.has(key) && !facts.isSuperseded(identity)) report('nothing is lost', `${key} (copy ${copy}) has no outcome`);
  }

  const processed = new Map<string, string>();
  for (const [key, commits] of facts.commits) {
    const [commit, second] = commits;
    if (commit === undefined) continue;
    if (second) report('one outcome', `${key}: ${commit.outcome}, then ${second.outcome}`);
    const copy = sent.get(key) ?? (isRefusedKey(commit.base) ? facts.byMessageId.get(idOfRefusedKey(commit.base)) : undefined);
    if (copy === undefined) report('one outcome', `${key} is ${commit.outcome}, and was never sent`);
    else checkDeserved(facts, report, copy, commit);
    if (commit.outcome !== 'processed') continue;
    const other = processed.get(commit.base);
    if (other !== undefined) report('processed once', `${key} and ${other}`);
    processed.set(commit.base, key);
  }
}

/** Attempts that failed for no fault of the message. */
const INFRASTRUCTURE = new Set(['Abandoned', 'ReceivesExhausted', 'DeadlineExceeded', 'ContentStoreUnavailable', 'PaymentUnavailable']);

/** Disturbances that messages themselves bring about: they excuse nothing. */
const OF_MESSAGES = new Set(['poison', 'timeout', 'duplicate', 'ledger-conflict', 'stale-receipt']);

/** Good messages are processed beside any poison, unless infrastructure faults hit each attempt. */
function checkDeserved(facts: Facts, report: Report, copy: SentCopy, commit: Committed): void {
  const { identity, read } = copy;
  const { outcome, record } = commit;
  const code = record.error?.code ?? '';
  if (isRefusedKey(commit.base)) {
    const isRight = outcome === 'rejected' && (copy.forgery === undefined ? copy.isDoubtful && REFUSALS.has(code) : copy.forgery === code);
    if (!isRight) report('what may not be sent is refused', `${identity.key}: ${outcome} ${code}, not ${copy.forgery}`);
    return;
  }
  if (outcome === 'processed') {
    const isNever = read === undefined || read.subject === 'permanent' || read.subject === 'unfit';
    if (isNever && !(facts.isDeployed(identity.agent) && read?.subject === 'permanent'))
      report('what is bad is not processed', identity.key);
    return;
  }
  if ((outcome === 'rejected') !== (record.error?.kind === 'permanent'))
    report('permanent errors, and no others, are rejected', `${identity.key}: ${outcome} for the ${record.error?.kind} error ${code}`);
  if (read === undefined) {
    if (outcome !== 'rejected' || code !== 'InvalidEnvelope')
      report('what is no envelope is rejected', `${identity.key}: ${outcome} ${code}`);
    return;
  }
  if (read.subject !== 'ok' && read.subject !== 'slow') return;
  // It was accepted first, and refused later.
  if (REFUSALS.has(code) && facts.byMessageId.get(messageIdOf(record) ?? '')?.isDoubtful) return;
  if (code === 'Conflict' || (code === 'Expired' && read.expires) || (code === 'ContentMismatch' && read.isReference)) return;
  const isHit = facts
    .invocationsOf(identity.key)
    .some((invocation) => facts.lackedKeys(invocation) || invocation.disturbances.some((by) => !OF_MESSAGES.has(by)));
  const isExcused = isHit && INFRASTRUCTURE.has(code);
  if (!isExcused) report('what is good is processed', `${identity.key}: ${outcome} ${code} after ${record.attempts.length} attempts`);
}
