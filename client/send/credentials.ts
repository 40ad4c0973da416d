import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { GetWebIdentityTokenCommand } from '@aws-sdk/client-sts';
import { type AccessRecord, AUTHORIZATION_ATTRIBUTE } from '../../events/access-record.ts';
import { audienceOf, type MeshName, meshPrefix } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { NoTokenError } from '../errors.ts';
import { accessRecord } from '../registry/access-records.ts';

const LIFETIME_SECONDS = 900;

/** A token that has less left is not used any more. */
const MIN_LEFT_MS = 120_000;

/** The names of errors that say that there is no registry (or no DynamoDB at the endpoint), or that this client may not read it. */
const WITHOUT_REGISTRY = new Set(['ResourceNotFoundException', 'AccessDeniedException', 'AccessDenied', 'InvalidAction']);

interface Cached {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The tokens of a client for the agents that want one: AWS issues them to the client's own role. */
export class Credentials {
  readonly #aws: AwsClients;
  readonly #mesh: MeshName;
  readonly #authentication: 'iam' | 'jwt' | undefined;
  readonly #tokens = new Map<string, Promise<Cached>>();
  readonly #access = new Map<string, Promise<AccessRecord | undefined>>();

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
    const cached = await this.#tokens.get(agent);
    if (cached !== undefined && cached.expiresAt - Date.now() >= MIN_LEFT_MS) return cached.token;
    const asked = this.#ask(agent);
    this.#tokens.set(agent, asked);
    try {
      return (await asked).token;
    } catch (cause) {
      this.#tokens.delete(agent);
      throw cause;
    }
  }

  async #ask(agent: string): Promise<Cached> {
    const audience = audienceOf(meshPrefix(this.#mesh), agent);
    const command = new GetWebIdentityTokenCommand({ Audience: [audience], DurationSeconds: LIFETIME_SECONDS, SigningAlgorithm: 'RS256' });
    const { WebIdentityToken, Expiration } = await this.#aws.sts.send(command).catch((cause: unknown) => {
      if (!(cause instanceof Error) || cause.name !== 'OutboundWebIdentityFederationDisabledException') throw cause;
      throw new NoTokenError('The account issues no tokens yet', { cause, remedy: 'Run: aws iam enable-outbound-web-identity-federation' });
    });
    if (WebIdentityToken === undefined) throw new NoTokenError('STS gave no token');
    return { token: WebIdentityToken, expiresAt: Expiration?.getTime() ?? Date.now() + LIFETIME_SECONDS * 1_000 };
  }

  async #wantsToken(agent: string): Promise<boolean> {
    if (this.#authentication !== undefined) return this.#authentication === 'jwt';
    return (await this.access(agent))?.needsToken === true;
  }

  /** Who may send to the agent; `undefined` where there is no registry, or this client may not read it. */
  access(agent: string): Promise<AccessRecord | undefined> {
    const known = this.#access.get(agent) ?? this.#readAccess(agent);
    this.#access.set(agent, known);
    return known;
  }

  async #readAccess(agent: string): Promise<AccessRecord | undefined> {
    try {
      return await accessRecord(this.#aws.dynamodb, this.#mesh, agent);
    } catch (error) {
      // Where agents know their senders by their roles, a producer need not read the registry.
      if (error instanceof Error && WITHOUT_REGISTRY.has(error.name)) return undefined;
      this.#access.delete(agent);
      throw error;
    }
  }
}
