import { hash } from 'node:crypto';
import { AUTHORIZATION_ATTRIBUTE } from '../../events/access-record.ts';
import type { Issuer } from '../../events/issuer.ts';
import { audienceOf } from '../../events/names.ts';
import { arnOf, principalId, SENDER_POLICIES, type Sender } from './senders.ts';
import { MAX_SKEW_MS, type World } from './world.ts';

export const MESH_PREFIX = 'posthorn-test';

/** The issuer of all tokens, as the agents' access records name it. */
export const ISSUER: Issuer = {
  id: 'issuer',
  issuer: 'https://issuer.test',
  keys: { jwksUri: 'https://issuer.test/keys' },
  algorithms: ['EdDSA'],
  maxAgeSeconds: 3_600,
  senders: 'subject',
};

/** What the simulated signatures are made with instead of a private key. */
export const SECRET = 'of the issuer';

/** Any Ed25519 key will do: nothing computes with it. @see https://www.rfc-editor.org/rfc/rfc8037#appendix-A.2 */
const PUBLIC_KEY = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuaPo2TkQ' };

/** A token that has less left is not used any more. */
const MIN_LEFT_MS = 120_000;

/** What of a token may be other than it should. */
export interface TokenForm {
  readonly issuer?: string;
  readonly audience?: string;
  /** Epoch milliseconds. */
  readonly issuedAt?: number;
  readonly lifetimeSeconds?: number;
  readonly keyId?: string;
  readonly secret?: string;
}

/** The issuer of tokens, with its keys and its service for tokens: each may be out of order, and the keys rotate. */
export class SimulatedIssuer {
  readonly #world: World;
  readonly #kept = new Map<string, { readonly token: string; readonly expiresAt: number }>();
  readonly #published = ['key-1'];
  #signingKey = 'key-1';
  #tokens = 0;
  #keyOutages = 0;
  #tokenOutages = 0;

  constructor(world: World) {
    this.#world = world;
    const { faults, timing } = world;
    for (let outage = 0; outage < 3; outage++) {
      if (faults.happens('keys-outage')) this.#planOutage((change) => (this.#keyOutages += change));
      if (faults.happens('tokens-outage')) this.#planOutage((change) => (this.#tokenOutages += change));
    }
    if (faults.happens('keys-rotate')) this.#rotateLater(timing.integer(1, 5));
  }

  /** Whether it shows its keys to nobody now. */
  get areKeysOut(): boolean {
    return this.#keyOutages > 0;
  }

  /** Whether it gives no tokens to agents now. */
  get areTokensOut(): boolean {
    return this.#tokenOutages > 0;
  }

  /** The key set as its address answers. */
  get keySet(): string {
    return JSON.stringify({ keys: this.#published.map((kid) => ({ ...PUBLIC_KEY, kid })) });
  }

  /** The token that a sender has for an agent, and the time until which it is valid: it keeps it while it can be used. */
  current(sender: Sender, agent: string): { readonly token: string; readonly expiresAt: number } {
    const { scheduler, timing } = this.#world;
    const use = `${principalId(sender)} ${agent}`;
    const kept = this.#kept.get(use);
    if (kept !== undefined && kept.expiresAt - scheduler.now >= MIN_LEFT_MS) return kept;
    const lifetimeSeconds = timing.chance(0.7) ? timing.integer(130, 300) : timing.integer(300, 3_600);
    const token = this.issue(sender, agent, { lifetimeSeconds });
    const issued = { token, expiresAt: (Math.floor(scheduler.now / 1_000) + lifetimeSeconds) * 1_000 };
    this.#kept.set(use, issued);
    return issued;
  }

  /** A token of its own for one use. */
  issue(sender: Sender, agent: string, form: TokenForm = {}): string {
    const { issuer = ISSUER.issuer, audience = audienceOf(MESH_PREFIX, agent), issuedAt = this.#world.scheduler.now } = form;
    const { lifetimeSeconds = 900, keyId = this.#signingKey, secret = SECRET } = form;
    const iat = Math.floor(issuedAt / 1_000);
    const claims = { iss: issuer, sub: arnOf(principalId(sender)), aud: audience, iat, exp: iat + lifetimeSeconds };
    const signed = [
      { alg: 'EdDSA', typ: 'JWT', kid: keyId },
      { ...claims, jti: `t${this.#tokens++}` },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${signatureOf(signed, secret)}`;
  }

  /** From seconds to longer than all receives of a message take. */
  #planOutage(count: (change: number) => void): void {
    const { scheduler, timing } = this.#world;
    scheduler.after(timing.integer(0, 120_000), () => {
      count(1);
      scheduler.after(timing.chance(0.7) ? timing.integer(1_000, 120_000) : timing.integer(120_000, 3_000_000), () => count(-1));
    });
  }

  /** A new key is published, and signs at once or a little later. What the old one signed may still be on its way: it stays. */
  #rotateLater(left: number): void {
    const { scheduler, timing, faults } = this.#world;
    scheduler.after(timing.integer(5_000, 120_000), () => {
      // A process whose clock is ahead takes the keys that it has for newer than the message.
      const leadMs = faults.isPossible('clock-skew') ? MAX_SKEW_MS : 0;
      const key = `key-${this.#published.length + 1}`;
      this.#published.push(key);
      scheduler.after(leadMs + (timing.chance(0.5) ? 0 : timing.integer(0, 120_000)), () => {
        this.#signingKey = key;
        this.#kept.clear();
      });
      if (left > 1 && faults.happens('keys-rotate')) this.#rotateLater(left - 1);
    });
  }
}

/** Deterministic and synchronous, which no real signature is here: of the text before the second full stop. */
export const signatureOf = (signed: string, secret = SECRET): string => hash('sha256', `${secret} ${signed}`, 'base64url');

/** Attributes with the sender's token for the agent; none where there are no tokens. */
export function credentialOf(issuer: SimulatedIssuer | undefined, sender: Sender, agent: string): Readonly<Record<string, string>> {
  if (issuer === undefined) return {};
  const { token } = issuer.current(sender, agent);
  // Half of the clients write it as in HTTP.
  const isHttp = SENDER_POLICIES[principalId(sender)]?.source === '/partner';
  return { [AUTHORIZATION_ATTRIBUTE]: isHttp ? `Bearer ${token}` : token };
}
