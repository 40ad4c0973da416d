import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Lambda } from '@aws-sdk/client-lambda';
import type { S3 } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsClientOptions } from './aws-client-options.ts';
import { isLoopback } from './is-loopback.ts';
import type { MeshClientOptions } from './mesh-client-options.ts';

/** The AWS clients of one mesh client, each created at its first use. */
export class AwsClients {
  /** The endpoint for messages, without credentials and query; `AWS` for AWS itself. */
  readonly where: string;
  /** Whether the endpoint is an emulator. It has one server, so an empty answer to a short poll means an empty queue. */
  readonly isLocal: boolean;
  readonly #options: MeshClientOptions;
  #sqs: SQSClient | undefined;
  #s3: S3 | undefined;
  #dynamodb: DynamoDBClient | undefined;
  #sts: STSClient | undefined;
  #lambda: Lambda | undefined;

  constructor(options: MeshClientOptions) {
    const { endpoint } = options;
    this.#options = options;
    this.where = endpoint === undefined ? 'AWS' : (URL.parse(endpoint)?.origin ?? 'an endpoint that is not a URL');
    this.isLocal = endpoint !== undefined && isLoopback(endpoint);
  }

  get sqs(): SQSClient {
    this.#sqs ??= new SQSClient({ ...awsClientOptions(this.#options), useQueueUrlAsEndpoint: false });
    return this.#sqs;
  }

  get dynamodb(): DynamoDBClient {
    this.#dynamodb ??= new DynamoDBClient(awsClientOptions(this.#options));
    return this.#dynamodb;
  }

  get sts(): STSClient {
    this.#sts ??= new STSClient(awsClientOptions(this.#options));
    return this.#sts;
  }

  /** Its package is loaded at its first use, because few messages need it. */
  async s3(): Promise<S3> {
    const { S3 } = await import('@aws-sdk/client-s3');
    this.#s3 ??= new S3({ ...awsClientOptions(this.#options), forcePathStyle: this.#options.endpoint !== undefined });
    return this.#s3;
  }

  /** Its package is loaded at its first use, because only operators need it. */
  async lambda(): Promise<Lambda> {
    const { Lambda } = await import('@aws-sdk/client-lambda');
    this.#lambda ??= new Lambda(awsClientOptions(this.#options));
    return this.#lambda;
  }

  region(): Promise<string> {
    return this.sqs.config.region();
  }

  async account(): Promise<string> {
    const { Account } = await this.sts.send(new GetCallerIdentityCommand({}));
    if (Account === undefined) throw new TypeError('GetCallerIdentity returned no account');
    return Account;
  }

  destroy(): void {
    this.#sqs?.destroy();
    this.#s3?.destroy();
    this.#dynamodb?.destroy();
    this.#sts?.destroy();
    this.#lambda?.destroy();
  }
}
