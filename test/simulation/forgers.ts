import { AUTHORIZATION_ATTRIBUTE } from '../../events/access-record.ts';
import { AGENT_IDS } from './agents.ts';
import { bodyWithGeneration, bodyWithOtherData, generationOf, sourceOf } from './other-body.ts';
import { agentSender, FORGER, OPERATOR, PARTNER, PRODUCER, type Sender, STRANGER } from './senders.ts';
import { credentialOf, type SimulatedIssuer } from './simulated-issuer.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import type { World } from './world.ts';

interface Forgery {
  readonly sender: Sender;
  readonly body: string;
  /** What stands in the place of the sender's own token; `none` for nothing. */
  readonly token?: string;
  /** It is sent so much later than others. */
  readonly laterMs?: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A forged message may be in the queue so long before the genuine one. */
const MAX_LEAD_MS = 3_000;

/** Nobody waits longer for a token to expire. */
const MAX_WAIT_MS = 400_000;

/** Send messages with the ids and sources of genuine ones, before, beside and after them. */
export class Forgers {
  readonly #world: World;
  readonly #queues: ReadonlyMap<string, SimulatedQueue>;
  readonly #issuer: SimulatedIssuer | undefined;

  constructor(world: World, queues: ReadonlyMap<string, SimulatedQueue>, issuer: SimulatedIssuer | undefined) {
    this.#world = world;
    this.#queues = queues;
    this.#issuer = issuer;
  }

  /**
   * Learn of a genuine message.
   *
   * @returns how long after now the genuine one is to be sent, for the forged ones to be there before it
   */
  learn(queue: string, body: string): number {
    const { scheduler, choices } = this.#world;
    const agent = queue.split(' ', 1)[0] ?? '';
    const forgeries = [...this.#forge(body), ...this.#forgeToken(agent, body)];
    if (forgeries.length === 0) return 0;
    for (const { sender, body: forged, attributes = {}, token, laterMs = 0 } of forgeries) {
      const afterMs = choices.chance(0.5) ? choices.integer(0, MAX_LEAD_MS) : choices.integer(0, 60_000);
      scheduler.after(laterMs + afterMs, () => {
        const credential = token === undefined ? credentialOf(this.#issuer, sender, agent) : attributeOf(token);
        this.#queues.get(queue)?.send(forged, { ...attributes, ...credential }, sender);
      });
    }
    return choices.chance(0.5) ? choices.integer(0, MAX_LEAD_MS) : 0;
  }

  #forge(body: string): Forgery[] {
    const { faults, choices } = this.#world;
    const forgeries: Forgery[] = [];
    if (faults.happens('forged-by-stranger')) {
      const form = choices.weighted({ same: 2, other: 2, redriven: 1, stated: 1 });
      if (form === 'stated') forgeries.push(stating(STRANGER, body, choices.chance(0.5) ? OPERATOR : PRODUCER));
      else if (form === 'redriven') forgeries.push({ sender: STRANGER, body: bodyWithGeneration(body, 1) });
      else forgeries.push({ sender: STRANGER, body: form === 'same' ? body : bodyWithOtherData(body, 'forged') });
    }
    if (faults.happens('forged-source'))
      forgeries.push({ sender: FORGER, body: choices.chance(0.5) ? body : bodyWithOtherData(body, 'forged') });
    if (faults.happens('forged-redrive')) {
      const sender = choices.chance(0.5) ? PRODUCER : FORGER;
      const isStated = choices.chance(0.5);
      forgeries.push(isStated ? stating(sender, body, OPERATOR) : { sender, body: bodyWithGeneration(body, choices.integer(1, 2)) });
    }
    return forgeries;
  }

  /** From the role that may send it, or from another that has stolen the role's token. */
  #forgeToken(agent: string, genuine: string): Forgery[] {
    const { faults, choices, scheduler } = this.#world;
    const issuer = this.#issuer;
    if (issuer === undefined || !faults.happens('forged-token')) return [];
    const role = roleOf(genuine);
    if (role === undefined) return [];
    const body = choices.chance(0.5) ? genuine : bodyWithOtherData(genuine, 'forged');
    const other = AGENT_IDS[choices.integer(0, AGENT_IDS.length - 1)] ?? 'intake';
    const forged = (token: string, sender = role): Forgery[] => [{ sender, body, token }];
    const form = choices.weighted({
      stolen: 3,
      audience: 3,
      replayed: 3,
      expired: 1,
      future: 1,
      lasting: 1,
      signature: 3,
      key: 2,
      issuer: 1,
      garbage: 1,
      none: 1,
    });
    switch (form) {
      case 'stolen': {
        const isThief = choices.chance(0.5);
        return isThief ? forged(issuer.current(role, agent).token, FORGER) : forged(issuer.current(PARTNER, agent).token);
      }
      case 'audience':
        return forged(other === agent ? issuer.issue(role, 'nobody') : issuer.current(role, other).token);
      case 'replayed': {
        // A genuine one, which the processes know, as soon as it is no longer good.
        const { token, expiresAt } = issuer.current(role, agent);
        const laterMs = expiresAt + 30_000 - scheduler.now;
        return laterMs > MAX_WAIT_MS ? [] : [{ sender: role, body, token, laterMs }];
      }
      case 'expired':
        return forged(issuer.issue(role, agent, { issuedAt: scheduler.now - 1_000_000 }));
      case 'future':
        return forged(issuer.issue(role, agent, { issuedAt: scheduler.now + choices.integer(200_000, 100_000_000) }));
      case 'lasting':
        return forged(issuer.issue(role, agent, { lifetimeSeconds: 86_400 }));
      case 'signature':
        return forged(issuer.issue(role, agent, { secret: 'of somebody else' }));
      case 'key':
        return forged(issuer.issue(role, agent, { keyId: `own-${choices.integer(1, 3)}`, secret: 'of somebody else' }));
      case 'issuer':
        return forged(issuer.issue(role, agent, { issuer: 'https://somebody.test' }));
      case 'garbage':
        return forged(choices.chance(0.5) ? 'garbage' : 'not.a.token');
      case 'none':
        return forged(NONE);
    }
  }
}

/** No token at all, in the place of one. */
const NONE = 'none';

const attributeOf = (token: string): Readonly<Record<string, string>> => (token === NONE ? {} : { [AUTHORIZATION_ATTRIBUTE]: token });

/** The role that may send the message; `undefined` for the partner's, whose permission comes and goes, and for none. */
function roleOf(body: string): Sender | undefined {
  const source = sourceOf(body);
  if (generationOf(body) > 0) return { ...FORGER, senderId: OPERATOR.senderId };
  const agent = AGENT_IDS.find((id) => source === `/agents/${id}`);
  const sender = agent === undefined ? PRODUCER : agentSender(agent);
  return agent === undefined && source !== '/producer' ? undefined : { ...FORGER, senderId: sender.senderId };
}

const stating = (sender: Sender, body: string, original: Sender): Forgery => ({
  sender,
  body,
  attributes: { 'posthorn-sender': original.senderId },
});
