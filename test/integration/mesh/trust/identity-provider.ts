import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { audienceOf, meshName, meshPrefix } from '../../../../events/names.ts';
import { edKey, type SigningKey, signRaw } from '../../../helpers/token-issuer.ts';

/** What a test changes of a token that is good. */
export interface TokenChanges {
  /** @default user-1 */
  readonly subject?: string;
  /** @default none */
  readonly groups?: readonly string[];
  /** Seconds from now. @default -10 */
  readonly issued?: number;
  /** Seconds from now. @default 300 */
  readonly expires?: number;
  /** @default the first that is published */
  readonly key?: SigningKey;
  /** Of the header. @default EdDSA */
  readonly alg?: string;
}

/** An identity provider outside the mesh: it serves its keys on a free port, and signs tokens, reachable or not. */
export class IdentityProvider implements AsyncDisposable {
  readonly id: string;
  readonly url: string;
  readonly #server: Server;
  #published: readonly [SigningKey, ...SigningKey[]] = [edKey('first')];
  #isUp = true;
  #refused = 0;

  static async start(id: string): Promise<IdentityProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new IdentityProvider(id, `http://127.0.0.1:${port}/`, server);
  }

  private constructor(id: string, url: string, server: Server) {
    this.id = id;
    this.url = url;
    this.#server = server;
    // The port stays its own while it is down.
    server.on('connection', (socket) => {
      if (this.#isUp) return;
      this.#refused++;
      socket.destroy();
    });
    server.on('request', (_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: this.#published.map(({ jwk }) => jwk) }));
    });
  }

  /** Connections that it has cut off. */
  get refused(): number {
    return this.#refused;
  }

  /** Its registration. @param senders the principals that may present its tokens */
  registration(senders: readonly string[]) {
    return { id: this.id, issuer: this.url, keys: { jwksUri: `${this.url}keys.json` }, senders };
  }

  publish(...keys: readonly [SigningKey, ...SigningKey[]]): void {
    this.#published = keys;
  }

  switchOff(): void {
    this.#isUp = false;
    this.#server.closeAllConnections();
  }

  switchOn(): void {
    this.#isUp = true;
  }

  /** A token for an agent: good, but for the changes. */
  token(agent: string, changes: TokenChanges = {}): string {
    const { subject: sub = 'user-1', groups, issued = -10, expires = 300, key = this.#published[0], alg = 'EdDSA' } = changes;
    const now = Math.floor(Date.now() / 1_000);
    const aud = audienceOf(meshPrefix(meshName()), agent);
    const claims = { iss: this.url, sub, aud, jti: randomUUID(), iat: now + issued, exp: now + expires, groups };
    return signRaw(JSON.stringify({ alg, typ: 'JWT', kid: key.jwk.kid }), JSON.stringify(claims), key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
