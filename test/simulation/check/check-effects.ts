import type { Report } from './check-history.ts';
import type { Facts } from './facts.ts';
import { readBody } from './read-body.ts';

/** What agents send is exactly what was committed, after it was committed; journeys hold together. */
export function checkEffects(facts: Facts, report: Report): void {
  const committed = new Map<string, { readonly order: number; isSent: boolean; readonly by: string }>();
  const ids = new Map<string, string>();
  const parents = new Map(facts.inboxes.map((copy) => [copy.identity.key, copy]));
  for (const [key, commits] of facts.commits) {
    for (const { outbox, order } of commits) {
      for (const { queue, body } of outbox) {
        committed.set(`${queue} ${body}`, { order, isSent: false, by: key });
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
      }
    }
  }
  for (const copy of facts.byAgents) {
    const commit = committed.get(`${copy.queue} ${copy.body}`);
    if (commit === undefined) report('no effect without a commit', `${copy.queue} got ${copy.read?.id}, which nothing committed`);
    else if (commit.order > copy.order)
      report('no effect before the commit', `${copy.queue} got ${copy.read?.id} of ${commit.by} too soon`);
    else commit.isSent ||= copy.forgery === undefined;
  }
  for (const [, { isSent, by }] of committed) if (!isSent) report('effects of what is processed', `not all of ${by} was sent`);

  for (const started of facts.started)
    if (started.isTampered) report('content is what was sent', `${started.agent} was given other data for ${started.id}`);
  for (const [key, [commit]] of facts.commits) {
    const isCharge = key.startsWith('charging ') && commit?.outcome === 'processed';
    if (isCharge && !facts.charged.has(commit.base)) report('effects of what is processed', `${key} was never charged`);
  }
}
