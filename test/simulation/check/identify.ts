import type { History, Sent } from '../history.ts';
import { type Forgery, forgeryOf, isDoubtful } from './forgery.ts';
import { keyOf } from './keys.ts';
import { digestOfBody, type ReadBody, readBody } from './read-body.ts';

/** One message at one agent in one generation, with its data: what must reach exactly one outcome. */
export interface Identity {
  /** `<agent> <source> <id>`; of a refused message, that of its own record. */
  readonly base: string;
  readonly agent: string;
  readonly generation: number;
  readonly digest: string;
  /** All of it. */
  readonly key: string;
}

/** What a copy in a queue is, by its body and its sender. */
export interface Identified {
  /** Under which it must have its outcome: a refused message has none in common with any other. */
  readonly identity: Identity;
  /** `<agent> <source> <id>`, as its body says. */
  readonly claimedBase: string;
  /** Under which it has its outcome if it is refused. */
  readonly refusedKey: string;
  /** Why it must be refused. */
  readonly forgery: Forgery | undefined;
  /** Whether it may be refused, because the permission of its sender comes and goes. */
  readonly isDoubtful: boolean;
  readonly read: ReadBody | undefined;
}

/** @param wasRefused whether the outcome of the SQS message with this id is that it was refused */
export function identify(
  sent: Sent & { readonly at: number },
  { senders, issuer }: Pick<History, 'senders' | 'issuer'>,
  wasRefused: (messageId: string) => boolean,
): Identified {
  const { queue, body, messageId } = sent;
  const [agent = '', place] = queue.split(' ');
  const read = readBody(body);
  const digest = read?.digest ?? digestOfBody(body);
  const generation = read?.generation ?? 0;
  const claimedBase = read ? `${agent} ${read.source} ${read.id}` : `unopened:${agent} ${messageId}`;
  const refusedBase = `refused:${agent} ${messageId}`;
  const forgery = place === 'inbox' ? forgeryOf(sent, agent, senders, issuer) : undefined;
  const mayBeRefused = place === 'inbox' && forgery === undefined && isDoubtful(sent, senders);
  const base = forgery !== undefined || (mayBeRefused && wasRefused(messageId)) ? refusedBase : claimedBase;
  return {
    identity: { base, agent, generation, digest, key: keyOf(base, digest, generation) },
    claimedBase,
    refusedKey: keyOf(refusedBase, digest, generation),
    forgery,
    isDoubtful: mayBeRefused,
    read,
  };
}
