import { FRESH_MS } from '../../functions/runtime/discovery/offer-cache.ts';

/** The model's assumptions besides prices. The bench measures those marked "Measured"; the others are typical for AWS. */
export const assumptions = {
  /** Envelope around the data, in KB. Measured. */
  envelopeKb: 0.4,
  /** A ledger record without its outbox, and an outgoing envelope with a claim check, in KB. Measured. */
  recordKb: 0.43,
  claimCheckKb: 0.6,
  /** The peer's idempotency record, in KB. Measured. */
  idempotencyRecordKb: 0.15,
  /** Share of journeys in their index: the default. */
  journeySampling: 1,
  /** How long the ledger, content, the peer's records and logs are kept, in months of 30 days. */
  ledgerMonths: 1,
  contentMonths: 1.5,
  idempotencyMonths: 1 / 720,
  logMonths: 3,
  /** A function of 512 MB. A whole vCPU needs 1,769 MB. */
  memoryGb: 0.5,
  vcpuShare: 512 / 1_769,
  /** CPU for one AWS request, and for all other work of a message, on a whole vCPU. Measured. */
  cpuMsPerRequest: 0.25,
  cpuMsPerMessage: 0.14,
  /** Response times within a region, in milliseconds. */
  tableMs: 5,
  queueMs: 10,
  s3GetMs: 20,
  s3PutMs: 30,
  /** In bytes: the log lines of one message, measured, and Lambda's own lines of an invocation. */
  posthornLogBytes: 502,
  powertoolsLogBytes: 427,
  platformLogBytes: 700,
  /** The spans of a message in batches of ten, as they are exported, in bytes. Measured. */
  spanBytes: 3_700,
  /** Long polls of an event source mapping at an idle queue. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
  pollers: 5,
  pollSeconds: 20,
  /** The `concurrency` of an idle agent: it decides about the items of its metrics record. */
  idleConcurrency: 10,
  /** A snapshot of an agent that has handled messages, in KB. Measured. */
  snapshotKb: 1.2,
  /** An agent and a capability of it in the table of offers, with its health, in KB. Measured. */
  offerKb: 0.25,
  /** So long a process uses the offers of a capability as it has read them. */
  offersFreshSeconds: FRESH_MS / 1_000,
  /** The mesh's own functions: memory, time of a run, and of each agent in it, in milliseconds. */
  serviceMemoryGb: 0.25,
  probeMs: 100,
  probeMsPerAgent: 5,
  registryMs: 200,
  registryMinutes: 5,
  /** A request to the REST API: time of the function that answers, and of the authorizer with a warm process; lines of the access log. */
  operationsMs: 30,
  authorizerMs: 5,
  accessLogBytes: 300,
  /** Of the mesh itself: two of the registry, five of the probe. */
  meshAlarms: 7,
  customMetrics: 4,
} as const;
