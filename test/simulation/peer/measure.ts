import { Facts, type SentCopy } from '../check/facts.ts';
import type { History } from '../history.ts';

/** The results of messages, in terms that apply to any stack. */
export const MEASURES = {
  messages: 'different messages',
  handlings: 'runs of handlers',
  effectsTwice: 'messages whose visible effects are those of more than one run',
  effectsOfFailed: 'messages with visible effects that never were handled to their end',
  handledAgain: 'messages handled to their end more than once (with us, only one run is committed)',
  goodGivenUp: 'good messages given up (error or dead-letter queue)',
  doneGivenUp: 'messages in a dead-letter queue after they were handled to their end',
  lost: 'messages neither handled to their end nor in any queue',
} as const;

export type Measures = Readonly<Record<keyof typeof MEASURES, number>>;

export function measure(history: History): Measures {
  const facts = new Facts(history);
  const messages = new Set(facts.inboxes.map(nameOf));
  const returned = new Map<string, number[]>();
  for (const { agent, source, id, how, order } of facts.ended) {
    const base = `${agent} ${source} ${id}`;
    if (how === 'returned') returned.set(base, [...(returned.get(base) ?? []), order]);
  }
  const bases = new Map(facts.started.map(({ agent, source, id, handling }) => [`handling-${handling}`, `${agent} ${source} ${id}`]));
  // A receiver takes the first of several messages with one id.
  const firsts = new Map<string, string>();
  for (const { queue, read } of facts.byAgents) {
    const name = `${queue} ${read?.source} ${read?.id}`;
    if (!firsts.has(name)) firsts.set(name, read?.type ?? '');
  }
  const effects = new Map<string, Set<string>>();
  for (const type of firsts.values()) {
    const base = bases.get(type);
    if (base !== undefined) effects.set(base, (effects.get(base) ?? new Set()).add(type));
  }

  const failed = new Set<string>();
  const goodGivenUp = new Set<string>();
  const doneGivenUp = new Set<string>();
  for (const copy of facts.copies.values()) {
    if (!copy.queue.endsWith(' errors') && !copy.queue.endsWith(' dlq')) continue;
    const base = nameOf(copy);
    failed.add(base);
    if (returned.get(base)?.some((order) => order < copy.order) && isGood(copy)) doneGivenUp.add(base);
    else if (isGood(copy)) goodGivenUp.add(base);
  }
  return {
    messages: messages.size,
    handlings: facts.started.length,
    effectsTwice: [...effects].filter(([base, { size }]) => size > 1 && returned.has(base)).length,
    effectsOfFailed: [...effects.keys()].filter((base) => !returned.has(base)).length,
    handledAgain: [...returned.values()].filter(({ length }) => length > 1).length,
    goodGivenUp: goodGivenUp.size,
    doneGivenUp: doneGivenUp.size,
    lost: [...messages].filter((base) => !returned.has(base) && !failed.has(base)).length,
  };
}

/** A body that is not an envelope only has the id of its queue, which differs in each queue. */
const nameOf = ({ read, identity, body }: SentCopy): string => (read === undefined ? `${identity.agent} ${body}` : identity.base);

/** Nothing is wrong with it: neither its data, nor what it refers to, nor its id or its time. */
function isGood({ read, attributes }: SentCopy): boolean {
  const code = attributes['posthorn-code'];
  return (read?.subject === 'ok' || read?.subject === 'slow') && !read.isReference && !read.expires && code !== 'Conflict';
}
