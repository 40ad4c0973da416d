import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';

const message = { MessageBody: z.string() };
const sendSchema = z.object(message);
const batchSchema = z.object({ Entries: z.array(z.object({ Id: z.string(), ...message })).max(10) });

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** SQS's answer to a send. The SDK verifies its digests. @throws Error for other operations */
export function answerQueueRequest(operation: string, input: unknown): object {
  switch (operation) {
    case 'SendMessage':
      return { MessageId: randomUUID(), MD5OfMessageBody: md5(sendSchema.parse(input).MessageBody) };
    case 'SendMessageBatch': {
      const { Entries } = batchSchema.parse(input);
      return {
        Successful: Entries.map(({ Id, MessageBody }) => ({ Id, MessageId: randomUUID(), MD5OfMessageBody: md5(MessageBody) })),
        Failed: [],
      };
    }
    default:
      throw new Error(`SQS ${operation} is not answered here`);
  }
}
