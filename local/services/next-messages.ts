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
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
export function nextMessages(
  waiting: readonly Grouped[],
  inFlight: ReadonlyMap<string | undefined, number>,
  noisy: ReadonlySet<string>,
  maxMessages: number,
): NextMessages {
  const all = noisyGroups(inFlight, noisy);
  if (all.size === 0) return { indexes: [...waiting.slice(0, maxMessages).keys()], noisy: all };
  const quiet: number[] = [];
  const held = new Map<string, number[]>();
  for (let index = 0; index < waiting.length && quiet.length < maxMessages; index++) {
    const group = waiting[index]?.messageGroupId;
    if (group === undefined || !all.has(group)) quiet.push(index);
    else {
      const indexes = held.get(group) ?? [];
      if (indexes.length < maxMessages) indexes.push(index);
      held.set(group, indexes);
    }
  }
  // Otherwise the rest of the queue was not looked at, and may have more of each group.
  const isWhole = quiet.length < maxMessages;
  return {
    indexes: [...quiet, ...fewestFirst(held, inFlight, maxMessages - quiet.length)],
    noisy: isWhole ? new Set(held.keys()) : all,
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

/** @param held indexes of waiting messages by group; it takes those that it returns out of them */
function fewestFirst(
  held: ReadonlyMap<string, readonly number[]>,
  inFlight: ReadonlyMap<string | undefined, number>,
  count: number,
): number[] {
  const groups = [...held].map(([group, indexes]) => ({ load: inFlight.get(group) ?? 0, rest: [...indexes] }));
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
