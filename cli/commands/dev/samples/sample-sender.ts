import type { MessageAttributeValue, SQSClient } from '@aws-sdk/client-sqs';
import { AwsClients } from '../../../../client/aws-clients.ts';
import { Credentials } from '../../../../client/send/credentials.ts';
import type { Settings } from '../../../settings.ts';
import { roleCredentials } from './role-credentials.ts';

/** Sends the bodies of a sample by SQS alone, as a producer in another language does. */
export class SampleSender implements Disposable {
  readonly #aws: AwsClients;
  readonly #credentials: Credentials;

  /**
   * @param sender see `sender` of a sample; `undefined` for the operator
   * @throws CliError naming the role when STS gives no credentials
   */
  static async as(sender: string | undefined, settings: Settings): Promise<SampleSender> {
    return new SampleSender(sender === undefined ? settings : { ...settings, credentials: await roleCredentials(sender, settings) });
  }

  private constructor(settings: Settings) {
    this.#aws = new AwsClients(settings);
    this.#credentials = new Credentials(this.#aws, settings, undefined);
  }

  get sqs(): SQSClient {
    return this.#aws.sqs;
  }

  /** The message attributes that the agent wants: a token, where it does not know its senders by their roles alone. */
  attributesFor(agent: string): Promise<Readonly<Record<string, MessageAttributeValue>>> {
    return this.#credentials.attributesFor(agent);
  }

  [Symbol.dispose](): void {
    this.#aws.destroy();
  }
}
