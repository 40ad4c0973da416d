import type { Report } from './check-history.ts';
import { type Ask, DiscoveryView, isKnown, type Look } from './discovery-view.ts';
import { type Eligible, eligibleAgents, matching } from './eligible-agents.ts';
import type { Facts } from './facts.ts';
import { readBody } from './read-body.ts';

/** For so long offers are used as they are; after that, they are read again beside the work. */
const FRESH_MS = 10_000;

/** With fewer journeys, their shares say nothing. */
const MIN_JOURNEYS = 50;

/** So many standard deviations off, shares are not those of the weights. */
const MAX_DEVIATIONS = 8;

/** What is sent to a capability goes to an agent that may have it, always the same one; where there is none, nothing is lost or counted. */
export function checkDiscovery(facts: Facts, report: Report): void {
  const view = new DiscoveryView(facts);
  checkChoices(facts, view, report);
  checkResends(facts, report);
  checkUnfound(view, report);
  checkAttempts(facts, view, report);
  checkLooks(view, report);
}

interface Choice {
  readonly ask: string;
  readonly agent: string;
  readonly eligible: Eligible;
}

/** The agent that a committed outbox names is one of those that the process could choose from; journeys keep theirs, by the weights. */
function checkChoices(facts: Facts, view: DiscoveryView, report: Report): void {
  const asks = new Map(view.asks.map((ask) => [ask.ask, ask]));
  const journeys = new Map<string, Choice[]>();
  for (const { queue, body } of [...facts.commits.values()].flat().flatMap(({ outbox }) => outbox)) {
    const { type, correlationId } = readBody(body) ?? {};
    const ask = asks.get(type ?? '');
    if (ask === undefined) continue;
    const agent = queue.slice(0, -' inbox'.length);
    const decision = view.decisionOf(ask);
    if (decision === undefined) {
      report('agents are chosen among the offers', `${ask.ask} went to ${agent}, and its process knew no agent`);
      continue;
    }
    const eligible = eligibleAgents(decision.offers, ask.wanted, decision.at + ask.skewMs);
    if (!eligible.weights.has(agent))
      report('agents are chosen among the offers', `${ask.ask} went to ${agent}, not to ${[...eligible.weights.keys()].join(' or ')}`);
    else if (!eligible.isLastResort) {
      const choice = { ask: ask.ask, agent, eligible };
      const others = journeys.get(`${ask.wanted.capability} ${correlationId}`) ?? [];
      const moved = others.find((other) => hasMoved(other, choice));
      if (moved !== undefined) report('journeys keep their agents', `${moved.ask} went to ${moved.agent}, ${ask.ask} to ${agent}`);
      journeys.set(`${ask.wanted.capability} ${correlationId}`, [...others, choice]);
    }
  }
  checkShares(
    [...journeys.values()].flatMap((choices) => choices.find(({ eligible }) => new Set(eligible.weights.values()).size > 1) ?? []),
    report,
  );
}

/** Of two agents that could be chosen both times, another one was, although it has not gained weight beside the first. */
function hasMoved(first: Choice, second: Choice): boolean {
  const weightsOf = ({ eligible: { weights } }: Choice) => [weights.get(first.agent) ?? 0, weights.get(second.agent) ?? 0] as const;
  const [[ofOneBefore, ofOtherBefore], [ofOne, ofOther]] = [weightsOf(first), weightsOf(second)];
  if (first.agent === second.agent || [ofOneBefore, ofOtherBefore, ofOne, ofOther].includes(0)) return false;
  return ofOther * ofOneBefore <= ofOtherBefore * ofOne;
}

/** Of many journeys, agents get the shares that their weights say; of each journey, one choice is counted. */
function checkShares(choices: readonly Choice[], report: Report): void {
  let [journeys, excess, variance] = [0, 0, 0];
  for (const { agent, eligible } of choices) {
    const weights = [...eligible.weights.values()];
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const shareOf = (weight: number) => weight / sum;
    // The share of an agent that is chosen by its share.
    const mean = weights.reduce((total, weight) => total + shareOf(weight) ** 2, 0);
    journeys++;
    excess += shareOf(eligible.weights.get(agent) ?? 0) - mean;
    variance += weights.reduce((total, weight) => total + shareOf(weight) * (shareOf(weight) - mean) ** 2, 0);
  }
  const deviations = excess / Math.sqrt(variance);
  if (journeys >= MIN_JOURNEYS && Math.abs(deviations) > MAX_DEVIATIONS)
    report('weights are shares', `${journeys} journeys are ${deviations.toFixed(1)} standard deviations off`);
}

/** However often a message is sent, it is the same agent's. */
function checkResends(facts: Facts, report: Report): void {
  const queues = new Map<string, string>();
  for (const { queue, read } of facts.byAgents) {
    if (read === undefined || queue === 'replies') continue;
    const key = `${read.source} ${read.id}`;
    const first = queues.get(key) ?? queue;
    if (first !== queue) report('a message is one agent’s', `${key} was sent to ${first}, then to ${queue}`);
    queues.set(key, first);
  }
}

/** Errors of a send that have nothing to do with whom it is for: its data could not be stored, or its attempt was over. */
const OF_OTHERS = new Set(['ContentStoreUnavailable', 'ContextClosed']);

/** Nobody waits or is put back who knows an agent; who knows none asks, and is put back if there is none. */
function checkUnfound(view: DiscoveryView, report: Report): void {
  for (const ask of view.asks) {
    const { answered, isInline, wanted } = ask;
    if (answered === undefined || (answered.error !== undefined && OF_OTHERS.has(answered.error))) continue;
    if (isKnown(ask) && isInline && answered.at > ask.at)
      report('who knows an agent waits for nobody', `${ask.ask} waited ${answered.at - ask.at} ms`);
    if (answered.error === undefined) continue;
    if (answered.error !== 'Interrupted') report('who finds no agent is put back', `${ask.ask} failed: ${answered.error}`);
    const last = view.arrivedFor(ask).at(-1);
    const isRight = !isKnown(ask) && last !== undefined && matching(last.offers ?? [], wanted).length === 0;
    if (!isRight) report('who is there is found', `${ask.ask} found nobody`);
  }
}

/** A handler that found no agent has made no attempt. */
function checkAttempts(facts: Facts, view: DiscoveryView, report: Report): void {
  const skews = new Map(view.asks.map(({ process, skewMs }) => [process, skewMs]));
  const processOf = (invocation: number) => facts.invocations.get(invocation)?.process ?? -1;
  const interrupted = new Set<string>();
  for (const { how, agent, source, id, invocation, at } of facts.ended) {
    const process = processOf(invocation);
    if (how === 'interrupted') interrupted.add(`${process} ${agent} ${source} ${id} ${at + (skews.get(process) ?? 0)}`);
  }
  for (const { key, record, invocation } of facts.written) {
    const { at, code } = record.attempts.at(-1) ?? {};
    // Its time was up in the very millisecond in which a slow answer came, or in which its process thawed and got both.
    if (code !== 'DeadlineExceeded' && interrupted.has(`${processOf(invocation)} ${key} ${at}`))
      report('who finds no agent has made no attempt', `${key} has the attempt ${code} on record`);
  }
}

/** While it waited. */
const isWithin = ({ order }: Look, ask: Ask): boolean => ask.order < order && order < (ask.answered?.order ?? Number.POSITIVE_INFINITY);

/** A process reads the offers every ten seconds at most, or once for who knows no agent; and when it uses those that are older. */
function checkLooks(view: DiscoveryView, report: Report): void {
  for (const { looks, asks } of view.byProcess()) {
    for (const [index, look] of looks.entries()) {
      const before = looks[index - 1];
      if (before === undefined || look.at - before.at >= FRESH_MS) continue;
      const isNeeded = asks.some((ask) => !isKnown(ask) && isWithin(look, ask) && !isWithin(before, ask));
      if (!isNeeded)
        report('fresh offers are not read again', `process ${look.process} read ${look.capability} after ${look.at - before.at} ms`);
    }
  }
  for (const ask of view.asks) {
    const isFound = ask.answered !== undefined && ask.answered.error === undefined;
    if (!isFound || ask.known === undefined || !isKnown(ask) || ask.at - ask.known.lookedAt < FRESH_MS) continue;
    const last = view.looksOf(ask).findLast(({ at }) => at <= ask.at);
    const isUnderWay = last !== undefined && (last.learnt?.order ?? Number.POSITIVE_INFINITY) > ask.order;
    if (last === undefined || (ask.at - last.at >= FRESH_MS && !isUnderWay))
      report('old offers are read again', `${ask.ask} used those of ${ask.at - ask.known.lookedAt} ms ago`);
  }
}
