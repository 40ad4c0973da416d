import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { GetWebIdentityTokenCommand } from '@aws-sdk/client-sts';
import { AUTHORIZATION_ATTRIBUTE } from '../../events/access-record.ts';
import { audienceOf, type MeshName, meshPrefix } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { NoTokenError } from '../errors.ts';
import { type KnownAccess, knownAccess } from '../registry/known-access.ts';
import { Remembered } from '../remembered.ts';

const LIFETIME_SECONDS = 900;

/** A token with less time left is not used: it must still be valid when SQS takes the message. */
const MIN_LEFT_MS = 120_000;

/** A deployment may change whether an agent requires a token, and who may send to it. */
const MAX_ACCESS_AGE_MS = 60_000;

interface Token {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The tokens of a client for the agents that want one: AWS issues them to the client's own role. */
export class Credentials {
  readonly #aws: AwsClients;
  readonly #mesh: MeshName;
  readonly #authentication: 'iam' | 'jwt' | undefined;
  readonly #tokens = new Remembered<Token>(
    (agent) => this.#ask(agent),
    ({ expiresAt }) => expiresAt - Date.now() >= MIN_LEFT_MS,
  );
  readonly #access = new Remembered<KnownAccess & { readonly readAt: number }>(
    (agent) => this.#readAccess(agent),
    ({ readAt }) => Date.now() - readAt < MAX_ACCESS_AGE_MS,
  );

  /** @param authentication `undefined` asks the registry */
  constructor(aws: AwsClients, mesh: MeshName, authentication: 'iam' | 'jwt' | undefined) {
    this.#aws = aws;
    this.#mesh = mesh;
    this.#authentication = authentication;
  }

  /** The attributes of a message to the agent. @throws NoTokenError */
  async attributesFor(agent: string): Promise<Readonly<Record<string, MessageAttributeValue>>> {
    if (!(await this.#wantsToken(agent))) return {};
    return { [AUTHORIZATION_ATTRIBUTE]: { DataType: 'String', StringValue: await this.tokenFor(agent) } };
  }

  /** A token for the agent, with two minutes left at least. @throws NoTokenError */
  async tokenFor(agent: string): Promise<string> {
    return (await this.#tokens.get(agent)).token;
  }

  async #ask(agent: string): Promise<Token> {
    const audience = audienceOf(meshPrefix(this.#mesh), agent);
    const command = new GetWebIdentityTokenCommand({ Audience: [audience], DurationSeconds: LIFETIME_SECONDS, SigningAlgorithm: 'RS256' });
    const { WebIdentityToken, Expiration } = await this.#aws.sts.send(command).catch((cause: unknown) => {
      if (!(cause instanceof Error) || cause.name !== 'OutboundWebIdentityFederationDisabledException') throw cause;
      throw new NoTokenError('The account issues no tokens yet', { cause, remedy: 'Run: aws iam enable-outbound-web-identity-federation' });
    });
    if (WebIdentityToken === undefined) throw new NoTokenError('STS returned no token');
    return { token: WebIdentityToken, expiresAt: Expiration?.getTime() ?? Date.now() + LIFETIME_SECONDS * 1_000 };
  }

  async #wantsToken(agent: string): Promise<boolean> {
    if (this.#authentication !== undefined) return this.#authentication === 'jwt';
    // With `authentication: 'iam'` a producer needs no permission to read the registry.
    return (await this.access(agent)).record?.needsToken === true;
  }

  /** Who may send to the agent, as the registry had it at most a minute ago. */
  access(agent: string): Promise<KnownAccess> {
    return this.#access.get(agent);
  }

  async #readAccess(agent: string): Promise<KnownAccess & { readonly readAt: number }> {
    const readAt = Date.now();
    return { ...(await knownAccess(this.#aws.dynamodb, this.#mesh, agent)), readAt };
  }
}
