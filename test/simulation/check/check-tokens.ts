import type { Report } from './check-history.ts';
import type { Facts } from './facts.ts';

/** What agents send into inboxes carries a good token of their own for the agent that it goes to; a token is nowhere else. */
export function checkTokens(facts: Facts, report: Report): void {
  for (const { queue, attributes, forgery, read, copy } of facts.byAgents) {
    const isDue = facts.history.issuer !== undefined && queue !== 'replies';
    // A process that is frozen between getting the token and sending sends later with an expired one: that reached nobody, and the
    // outbox is not sent until a copy with a good token is.
    if (isDue && forgery !== undefined && forgery !== 'TokenExpired')
      report('agents send with tokens', `copy ${copy} of ${read?.id} to ${queue}: ${forgery}`);
    if (!isDue && 'authorization' in attributes) report('tokens are kept secret', `copy ${copy} to ${queue} has a token`);
  }
  for (const { queue, attributes, copy } of facts.failed)
    if ('authorization' in attributes) report('tokens are kept secret', `copy ${copy} in ${queue} has a token`);
  if (facts.history.issuer === undefined) return;
  const tokens = new Set<string>();
  for (const { attributes } of facts.inboxes) {
    const signature = attributes.authorization?.split('.')[2];
    if (signature !== undefined) tokens.add(signature);
  }
  for (const { key, record } of facts.written) {
    const found = JSON.stringify(record)
      .match(SIGNATURE)
      ?.find((text) => tokens.has(text.slice(1)));
    if (found !== undefined) report('tokens are kept secret', `the record of ${key} has a token`);
  }
}

/** As it stands at the end of a token. */
const SIGNATURE = /\.[\w-]{43}\b/g;
