import * as z from 'zod/mini';

export const producerOrderSchema = z.object({
  endpoint: z.string(),
  region: z.string(),
  queueUrl: z.string(),
  agent: z.string(),
  kind: z.enum(['createProducer', 'sdk', 'sqs-producer']),
  /** In the one process. */
  producers: z.int(),
  seconds: z.number(),
});

/** What a process is to send, and how. */
export type ProducerOrder = z.output<typeof producerOrderSchema>;

export const producerTallySchema = z.object({
  /** Epoch milliseconds. */
  startedAt: z.number(),
  /** Messages that SQS took, by producer and second. It goes on after the end of the order, for what was under way. */
  sent: z.array(z.array(z.number())),
  /** Messages that SQS did not take. */
  refused: z.int(),
  /** HTTP requests of the process, to whatever service. */
  requests: z.int(),
  /** Resident memory after a sixth of the time, and at its end. */
  memoryBytes: z.tuple([z.int(), z.int()]),
  /** The heap after a collection, at the same times. */
  heapBytes: z.tuple([z.int(), z.int()]),
});

/** What a process has sent. */
export type ProducerTally = z.output<typeof producerTallySchema>;
