/** A message without a group is a group of its own: it is never noisy. */
export interface Grouped {
  readonly messageGroupId?: string | undefined;
}

/** What a receive takes. */
export interface NextMessages {
  /** Indexes of waiting messages, in the order in which they are received. */
  readonly indexes: readonly number[];
  /** The groups that are noisy from now on. */
  readonly noisy: ReadonlySet<string>;
  /** Whether all messages that go on waiting are of these groups. */
  readonly isNoisyRest: boolean;
}

/** A group is noisy with more than this share of all messages in flight ... */
const NOISY_SHARE = 0.1;
/** ... and with at least so many of its own. */
const NOISY_MESSAGES = 30;

/**
 * Which of the waiting messages a receive of a fair queue takes: those of quiet groups first, in their order. After them it takes those of
 * the noisy group that has the fewest messages in flight. A noisy group is quiet again once none of its messages waits.
 *
 * @param inFlight the number of messages in flight of each group, and of those without one
 * @param noisy the groups that were noisy after the last receive
 * @param noisyUpTo all waiting messages before this index are of these groups: a long backlog is not looked through each time
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
export function nextMessages(
  waiting: readonly Grouped[],
  inFlight: ReadonlyMap<string | undefined, number>,
  noisy: ReadonlySet<string>,
  maxMessages: number,
  noisyUpTo = 0,
): NextMessages {
  const all = noisyGroups(inFlight, noisy);
  if (all.size === 0) return { indexes: [...waiting.slice(0, maxMessages).keys()], noisy: all, isNoisyRest: false };
  const isNoisy = (index: number) => {
    const group = waiting[index]?.messageGroupId;
    return group !== undefined && all.has(group);
  };
  const quiet: number[] = [];
  for (let index = noisyUpTo; index < waiting.length && quiet.length < maxMessages; index++) if (!isNoisy(index)) quiet.push(index);
  if (quiet.length === maxMessages) return { indexes: quiet, noisy: all, isNoisyRest: false };
  const first = firstOfEach(waiting, all, maxMessages);
  return {
    indexes: [...quiet, ...fewestFirst(first, inFlight, maxMessages - quiet.length)],
    noisy: new Set(first.keys()),
    isNoisyRest: true,
  };
}

function noisyGroups(inFlight: ReadonlyMap<string | undefined, number>, before: ReadonlySet<string>): ReadonlySet<string> {
  let total = 0;
  for (const count of inFlight.values()) total += count;
  const noisy = new Set(before);
  for (const [group, count] of inFlight)
    if (group !== undefined && count >= NOISY_MESSAGES && count > total * NOISY_SHARE) noisy.add(group);
  return noisy;
}

/** The first waiting messages of each noisy group that has any. */
function firstOfEach(waiting: readonly Grouped[], noisy: ReadonlySet<string>, maxMessages: number): ReadonlyMap<string, readonly number[]> {
  const first = new Map<string, number[]>();
  let full = 0;
  for (let index = 0; index < waiting.length && full < noisy.size; index++) {
    const group = waiting[index]?.messageGroupId;
    if (group === undefined || !noisy.has(group)) continue;
    const indexes = first.get(group) ?? [];
    if (indexes.length === 0) first.set(group, indexes);
    if (indexes.length < maxMessages && indexes.push(index) === maxMessages) full++;
  }
  return first;
}

function fewestFirst(
  first: ReadonlyMap<string, readonly number[]>,
  inFlight: ReadonlyMap<string | undefined, number>,
  count: number,
): readonly number[] {
  const groups = [...first].map(([group, indexes]) => ({ load: inFlight.get(group) ?? 0, rest: [...indexes] }));
  const taken: number[] = [];
  while (taken.length < count) {
    const [next] = groups.filter(({ rest }) => rest.length > 0).sort((a, b) => a.load - b.load);
    const index = next?.rest.shift();
    if (next === undefined || index === undefined) break;
    next.load++;
    taken.push(index);
  }
  return taken;
}
