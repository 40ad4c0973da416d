import type { Report } from './check-history.ts';
import type { Committed, Facts } from './facts.ts';
import { messageIdOf } from './keys.ts';
import { ProcessView } from './process-view.ts';
import { readBody } from './read-body.ts';

/** What agents send is exactly what was committed, after it was committed; journeys hold together. */
export function checkEffects(facts: Facts, report: Report): void {
  const view = new ProcessView(facts);
  const committed = new Map<string, { readonly commit: Committed; isSent: boolean; readonly by: string }>();
  const ids = new Map<string, string>();
  const parents = new Map(facts.inboxes.map((copy) => [copy.identity.key, copy]));
  for (const [key, commits] of facts.commits) {
    for (const commit of commits) {
      for (const { queue, body } of commit.outbox) {
        committed.set(`${queue} ${body}`, { commit, isSent: false, by: key });
        const read = readBody(body);
        const parent = parents.get(key)?.read;
        if (read === undefined || parent === undefined) {
          report('journeys complete', `${key} sends what is no envelope`);
          continue;
        }
        const other = ids.get(`${queue} ${read.id}`);
        if (other !== undefined && other !== body) report('effects once', `${key} sends another message as ${read.id}`);
        ids.set(`${queue} ${read.id}`, body);
        if (read.causationId !== parent.id) report('journeys complete', `${read.id} has causationid ${read.causationId}, sent by ${key}`);
        if (read.correlationId !== parent.correlationId) report('journeys complete', `${read.id} lost the correlation of ${key}`);
        if (read.traceId === undefined || (parent.traceId !== undefined && read.traceId !== parent.traceId))
          report('journeys complete', `${read.id} lost the trace of ${key}`);
        // An older runtime passes no tenant on.
        if (read.tenant !== parent.tenant && !(facts.history.isSideBySide && read.tenant === undefined))
          report('journeys complete', `${read.id} has the tenant ${read.tenant}, ${key} has ${parent.tenant}`);
      }
    }
  }
  for (const copy of facts.byAgents) {
    if (copy.group !== copy.read?.tenant && !(facts.history.isSideBySide && copy.group === undefined))
      report('tenants share no group', `${copy.queue} got ${copy.read?.id} of ${copy.read?.tenant} in the group ${copy.group}`);
    const effect = committed.get(`${copy.queue} ${copy.body}`);
    if (effect === undefined) report('no effect without a commit', `${copy.queue} got ${copy.read?.id}, which nothing committed`);
    else if (effect.commit.order > copy.order)
      report('no effect before the commit', `${copy.queue} got ${copy.read?.id} of ${effect.by} too soon`);
    else effect.isSent ||= copy.forgery === undefined;
  }
  for (const { commit, isSent, by } of committed.values())
    if (!isSent && !wasRefusedBeside(facts, view, commit)) report('effects of what is processed', `not all of ${by} was sent`);

  for (const started of facts.started)
    if (started.isTampered) report('content is what was sent', `${started.agent} was given other data for ${started.id}`);
  for (const [key, [commit]] of facts.commits) {
    const isCharge = key.startsWith('charging ') && commit?.outcome === 'processed';
    if (isCharge && !facts.charged.has(commit.base)) report('effects of what is processed', `${key} was never charged`);
  }
}

/**
 * The SQS message was received twice at the same time, and its sender lost its permission in between: the invocation that refused it has
 * acknowledged it. If the one that processed it dies before it has sent everything, nobody does.
 */
function wasRefusedBeside(facts: Facts, view: ProcessView, commit: Committed): boolean {
  const copy = facts.byMessageId.get(messageIdOf(commit.record) ?? '');
  const refusal = copy?.isDoubtful ? facts.commits.get(copy.refusedKey)?.[0] : undefined;
  if (copy === undefined || refusal === undefined) return false;
  const [first, second] = refusal.order < commit.order ? [refusal, commit] : [commit, refusal];
  return view.areBeside(first, second, copy.messageId);
}
