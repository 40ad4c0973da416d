import type { Report } from './check-history.ts';
import type { Facts, Of } from './facts.ts';
import { LaneRate } from './lane-rate.ts';
import { readBody } from './read-body.ts';

/** A client's messages are sent within so many virtual milliseconds after the last one was made. */
const PATIENCE_MS = 6 * 3_600_000;

/** So often an entry is sent that SQS does not accept by its own fault. */
const MOST_ATTEMPTS = 6;

/** Why a send may fail: by what was done to it. */
const EXPECTED = new Set([
  'SimulatedFault',
  'LoadUnreadableError',
  'NotSentError',
  'BackpressureError',
  'ProducerClosedError',
  'Aborted',
  'Unsent',
]);

/** A message that a client gave to a producer, and what became of it. */
interface Given extends Of<'given'> {
  result?: Of<'resulted'>;
  /** SQS has not accepted it: the last time before the result. */
  refused?: Of<'refused'> | undefined;
  /** Its place in the history. */
  aborted?: number;
}

/** A producer was flushed, or closed. */
interface Flush {
  readonly producer: number;
  readonly isClose: boolean;
  readonly order: number;
  /** When it was done. */
  doneAt?: number;
}

/** What clients saw of their producers. */
interface Seen {
  readonly givens: Map<number, Given>;
  readonly opened: Map<number, Of<'opened'>>;
  /** By producer and body: places in the history. */
  readonly requested: Map<string, number[]>;
  readonly flushes: Flush[];
  readonly leftOver: Of<'left over'>[];
}

/**
 * What the producer promises its clients: each message has one result, and what is sent is in the queue; what was aborted while it waited
 * is not sent; nothing is sent faster than the agent drains; a producer comes to its end, and leaves nothing behind.
 */
export function checkProducers(facts: Facts, report: Report): void {
  if (facts.history.calls === undefined) return;
  const seen = see(facts, report);
  const givenTimes = new Map<string, number>();
  for (const { producer, body } of seen.givens.values()) {
    const key = `${producer} ${eventOf(body)}`;
    givenTimes.set(key, (givenTimes.get(key) ?? 0) + 1);
  }
  for (const given of seen.givens.values()) {
    checkResult(given, { facts, report });
    if (given.aborted !== undefined && givenTimes.get(`${given.producer} ${eventOf(given.body)}`) === 1) checkAborted(given, seen, report);
  }
  for (const flush of seen.flushes) checkFlush(flush, seen, report);
  const lastGiven = Math.max(...[...seen.givens.values()].map(({ at }) => at));
  // What is sent twice may come after all producers were closed: then there is another.
  for (const { timers, listeners } of seen.leftOver)
    if (timers > 0 || listeners > 0) report('producers leave nothing behind', `${timers} timers, ${listeners} listeners`);
  const end = seen.leftOver.at(-1);
  if (end === undefined || end.at < lastGiven) report('producers end', 'they were not closed');
  else if (end.at - lastGiven > PATIENCE_MS) report('producers end', `after ${(end.at - lastGiven) / 1_000} s`);
}

function see({ history }: Facts, report: Report): Seen {
  const seen: Seen = { givens: new Map(), opened: new Map(), requested: new Map(), flushes: [], leftOver: [] };
  const refused = new Map<string, Of<'refused'>>();
  const lanes = new Map<string, LaneRate>();
  const laneOf = (producer: number, queue: string): LaneRate => {
    const governor = seen.opened.get(producer)?.governor;
    const lane = lanes.get(`${producer} ${queue}`) ?? new LaneRate(typeof governor === 'number' ? governor : undefined);
    lanes.set(`${producer} ${queue}`, lane);
    return lane;
  };
  for (const [order, entry] of history.entries.entries()) {
    if (entry.what === 'opened') seen.opened.set(entry.producer, { ...entry, order });
    else if (entry.what === 'given') seen.givens.set(entry.give, { ...entry, order });
    else if (entry.what === 'aborted') Object.assign(seen.givens.get(entry.give) ?? {}, { aborted: order });
    else if (entry.what === 'refused') refused.set(`${entry.producer} ${eventOf(entry.body)}`, { ...entry, order });
    else if (entry.what === 'flushing' || entry.what === 'closing')
      seen.flushes.push({ producer: entry.producer, isClose: entry.what === 'closing', order });
    else if (entry.what === 'left over') seen.leftOver.push({ ...entry, order });
    else if (entry.what === 'consulted') laneOf(entry.producer, `${entry.agent} inbox`).consulted(entry);
    else if (entry.what === 'resulted') {
      const given = seen.givens.get(entry.give);
      if (given === undefined || given.result !== undefined) report('each message has one result', `give ${entry.give} has another`);
      else Object.assign(given, { result: { ...entry, order }, refused: refused.get(`${given.producer} ${eventOf(given.body)}`) });
    } else if (entry.what === 'flushed' || entry.what === 'closed') {
      const isClose = entry.what === 'closed';
      const flush = seen.flushes.find((each) => each.producer === entry.producer && each.isClose === isClose && each.doneAt === undefined);
      if (flush !== undefined) flush.doneAt = entry.at;
    } else if (entry.what === 'requested') {
      const { producer, queue, entries, at } = entry;
      for (const { body, group } of entries) {
        const key = `${producer} ${eventOf(body)}`;
        const places = seen.requested.get(key) ?? [];
        places.push(order);
        seen.requested.set(key, places);
        const tenant = readBody(body)?.tenant;
        if (tenant !== group) report('tenants share no group', `producer ${producer} sent a message of ${tenant} in the group ${group}`);
      }
      const opened = seen.opened.get(producer);
      const first = entries.filter(({ attempt }) => attempt === 1).length;
      // Where a message waits for a token after its turn has come, many may have waited for the same one.
      if (first === 0 || opened === undefined || opened.governor === undefined || opened.hasTokens) continue;
      const lane = laneOf(producer, queue);
      if (!lane.isCurrent(at)) report('a producer asks for as long as it sends', `producer ${producer} sent to ${queue}`);
      if (!lane.take(first, at)) {
        const known = lane.most === undefined ? 'of which it knew nothing' : `with ${lane.most}/s at most`;
        report('nobody is sent more than they drain', `producer ${producer} sent ${first} to ${queue}, ${known}`);
      }
    }
  }
  return seen;
}

function checkResult(given: Given, { facts, report }: { readonly facts: Facts; readonly report: Report }): void {
  const { give, producer, queue, body, result, refused, aborted } = given;
  const what = `give ${give} to producer ${producer}`;
  if (result === undefined) {
    report('each message has one result', `${what} has none`);
    return;
  }
  const { messageId, error = '' } = result;
  if (messageId !== undefined) {
    const copy = facts.byMessageId.get(messageId);
    if (copy === undefined || eventOf(copy.body) !== eventOf(body) || copy.queue !== queue || copy.order > result.order)
      report('what is sent is in the queue', `${what} resolved with ${messageId}`);
    return;
  }
  if (!EXPECTED.has(error) || (error === 'Aborted' && aborted === undefined)) report('a send fails for a reason', `${what}: ${error}`);
  if (error !== 'NotSentError') return;
  if (refused === undefined || (!refused.isFinal && refused.attempt < MOST_ATTEMPTS))
    report("SQS's faults are retried", `${what} failed after ${refused?.attempt ?? 0} attempts`);
}

/** Its request had not begun when its client gave up: it never does. */
function checkAborted({ give, producer, body, aborted = 0 }: Given, seen: Seen, report: Report): void {
  // A message that waits for its token has had its turn.
  if (seen.opened.get(producer)?.hasTokens !== false) return;
  const [first] = seen.requested.get(`${producer} ${eventOf(body)}`) ?? [];
  if (first !== undefined && first > aborted) report('what was aborted is not sent', `give ${give} to producer ${producer}`);
}

function checkFlush({ isClose, producer, order, doneAt }: Flush, seen: Seen, report: Report): void {
  const what = `${isClose ? 'closing' : 'flushing'} producer ${producer}`;
  if (doneAt === undefined) {
    report('producers end', `${what} did not end`);
    return;
  }
  for (const given of seen.givens.values()) {
    const isLate = given.result === undefined || given.result.at > doneAt;
    if (given.producer === producer && given.order < order && isLate)
      report('a flush waits for all', `${what} did not wait for give ${given.give}`);
  }
}

/** A producer writes an event in another order of its attributes. */
function eventOf(body: string): string {
  const event: object = JSON.parse(body);
  return JSON.stringify(Object.entries(event).sort(([one], [other]) => (one < other ? -1 : 1)));
}
