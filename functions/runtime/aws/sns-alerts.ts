import type { Alert, Alerts } from '../ports.ts';
import type { ClientOptions } from './client-options.ts';
import { REQUEST_LIMITS } from './request-limits.ts';

const MAX_SUBJECT_CHARACTERS = 100;

/** Alerts to the mesh's SNS topic. The client is loaded for the first alert. */
export class SnsAlerts implements Alerts {
  readonly #topicArn: string;
  readonly #options: ClientOptions;

  constructor(topicArn: string, options: ClientOptions = {}) {
    this.#topicArn = topicArn;
    this.#options = options;
  }

  async publish({ fingerprint, subject, details }: Alert): Promise<void> {
    const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
    const client = new SNSClient({ ...this.#options, requestHandler: REQUEST_LIMITS });
    try {
      await client.send(
        new PublishCommand({
          TopicArn: this.#topicArn,
          Subject: subject.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MAX_SUBJECT_CHARACTERS),
          Message: JSON.stringify({ fingerprint, subject, ...details }, null, 2),
        }),
      );
    } finally {
      client.destroy();
    }
  }
}
