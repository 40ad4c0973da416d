import type { History, IssuerPolicy, SenderPolicy, Sent } from '../history.ts';
import { type ReadBody, readBody } from './read-body.ts';
import { type TokenFault, tokenFault } from './token-fault.ts';

/** Why a message of this sender is refused, whoever may send now; the code as the error queue has it. */
export type Forgery = 'UnknownSender' | 'Forbidden' | 'SourceRefused' | TokenFault;

/** The codes of refusals that a change of permissions may bring about. */
export const REFUSALS: ReadonlySet<string> = new Set<Forgery>(['UnknownSender', 'Forbidden', 'SourceRefused']);

/** @returns `undefined` for what may be sent, and for what is no envelope: that has no id that it could take */
export function forgeryOf(
  sent: Sent & { readonly at: number },
  agent: string,
  senders: History['senders'],
  issuer: IssuerPolicy | undefined,
): Forgery | undefined {
  const { body, attributes, senderId } = sent;
  const read = readBody(body);
  if (read === undefined) return undefined;
  const sender = senders[principalOf(senderId)];
  if (sender === undefined) return 'UnknownSender';
  const fault = issuer && tokenFault(sent, `${issuer.audiencePrefix}/${agent}`, issuer.subjectOf(principalOf(senderId)), issuer);
  if (fault !== undefined) return fault;
  const stated = attributes['posthorn-sender'];
  if (read.generation === 0 && stated === undefined) return mayClaim(sender, read) ? undefined : 'SourceRefused';
  if (!sender.mayRedrive) return 'Forbidden';
  if (stated === undefined) return undefined;
  const original = senders[principalOf(stated)];
  if (original === undefined) return 'UnknownSender';
  return mayClaim(original, read) ? undefined : 'SourceRefused';
}

/** Whether the permission of its sender comes and goes. */
export function isDoubtful({ attributes, senderId }: Sent, senders: History['senders']): boolean {
  return [senderId, attributes['posthorn-sender']].some((id) => id !== undefined && senders[principalOf(id)]?.isRevocable === true);
}

/** Whether what this sender sends may have the source, itself or put back for another. */
export function mayHaveSource(senderId: string, source: string, senders: History['senders']): boolean {
  const sender = senders[principalOf(senderId)];
  return sender !== undefined && (sender.mayRedrive || sender.source === source);
}

const mayClaim = ({ source, mayRedrive }: SenderPolicy, read: ReadBody): boolean => mayRedrive || source === read.source;

export const principalOf = (senderId: string): string => senderId.split(':', 1)[0] ?? '';
