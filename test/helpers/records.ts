import type { SQSEvent, SQSRecord } from 'aws-lambda';

export interface RecordOptions {
  readonly messageId?: string;
  /** @default 1 */
  readonly receiveCount?: number;
  /** @default AIDAPRODUCER */
  readonly senderId?: string;
  readonly messageAttributes?: SQSRecord['messageAttributes'];
}

/** An envelope with all that is required; `undefined` removes an attribute. */
export function createEnvelope(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const envelope: Record<string, unknown> = {
    specversion: '1.0',
    id: 'm-1',
    source: '/tests',
    type: 'test.created',
    time: '2026-01-01T00:00:00Z',
    data: { text: 'hello' },
    ...overrides,
  };
  for (const name of Object.keys(envelope)) if (envelope[name] === undefined) delete envelope[name];
  return envelope;
}

/** Lambda's record of an SQS message. @param body a string unchanged, anything else as JSON */
export function createRecord(body: unknown, options: RecordOptions = {}): SQSRecord {
  const messageId = options.messageId ?? `sqs-${++created}`;
  return {
    messageId,
    receiptHandle: `receipt of ${messageId}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(options.receiveCount ?? 1),
      SentTimestamp: '1767225600000',
      SenderId: options.senderId ?? 'AIDAPRODUCER',
      ApproximateFirstReceiveTimestamp: '1767225600001',
    },
    messageAttributes: options.messageAttributes ?? {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:posthorn-test-testing-inbox',
    awsRegion: 'eu-central-1',
  };
}

/** A record with an envelope of the given id and data. */
export const createMessage = (
  id: string,
  data: unknown = { text: 'hello' },
  options: RecordOptions & { readonly envelope?: Readonly<Record<string, unknown>> } = {},
): SQSRecord => createRecord(createEnvelope({ id, data, ...options.envelope }), options);

/** The same SQS message, received once more. */
export const receivedAgain = (record: SQSRecord): SQSRecord => ({
  ...record,
  attributes: { ...record.attributes, ApproximateReceiveCount: String(Number(record.attributes.ApproximateReceiveCount) + 1) },
});

export const createBatch = (...records: readonly SQSRecord[]): SQSEvent => ({ Records: [...records] });

let created = 0;
