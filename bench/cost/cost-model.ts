import { MAX_INLINE_BYTES } from '../../events/envelope.ts';
import { assumptions } from './assumptions.ts';
import { prices } from './prices.ts';

/** One message arrives, is handled by a handler without cost, and sends one message with data of the same size. */
export interface Scenario {
  readonly stack: 'posthorn' | 'powertools';
  /** Messages in an invocation. */
  readonly batchSize: number;
  readonly payloadKb: number;
}

/** Dollars for a million messages, by item. */
export interface Cost {
  readonly sqs: number;
  readonly lambda: number;
  readonly dynamodb: number;
  readonly s3: number;
  readonly logs: number;
  readonly traces: number;
}

const SQS_CHUNK_KB = 64;
const KB_PER_GB = 1_000_000;

/** SQS's limit for one receive and for one send: 1 MiB. */
const SQS_REQUEST_KB = 1_024;

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const chunks = (kb: number): number => Math.ceil(kb / SQS_CHUNK_KB);

/** Requests that are billed for a batch of messages which travel together as far as SQS allows. */
function batchedRequests(batchSize: number, messageKb: number): number {
  const together = Math.max(1, Math.min(batchSize, Math.floor(SQS_REQUEST_KB / messageKb)));
  return Math.floor(batchSize / together) * chunks(together * messageKb) + chunks((batchSize % together) * messageKb);
}

const isClaimCheck = ({ stack, payloadKb }: Scenario): boolean => stack === 'posthorn' && payloadKb * 1_024 > MAX_INLINE_BYTES;

/** The size of a message in SQS, and of one in an outbox. */
const messageKb = (scenario: Scenario): number =>
  isClaimCheck(scenario) ? assumptions.claimCheckKb : assumptions.envelopeKb + scenario.payloadKb;

/**
 * What a million messages cost. Idle polling, alarms, data transfer and the agent's own work are left out: they are the same
 * for both. Nothing fails, and nothing is found in a warm agent's cache.
 */
export function costPerMillion(scenario: Scenario): Cost {
  return {
    sqs: sqsCost(scenario),
    lambda: lambdaCost(scenario),
    dynamodb: scenario.stack === 'posthorn' ? ledgerCost(scenario) : idempotencyCost(),
    s3: isClaimCheck(scenario) ? contentCost(scenario.payloadKb) : 0,
    logs: logCost(scenario),
    traces: 0,
  };
}

export const total = (cost: Cost): number => Object.values(cost).reduce((sum: number, dollars: number) => sum + dollars, 0);

/**
 * What a million messages cost more if each has a tenant. An upper bound: it takes every request for a message for one with a
 * MessageGroupId, also the receive and the delete, which name none.
 */
export const tenantSurcharge = (scenario: Scenario): number =>
  (sqsCost(scenario) / prices.sqsPerMillionRequests) * prices.sqsFairPerMillionRequests;

/** Received, deleted and sent on. The peer sends one by one; a delete is one request however large the messages are. */
function sqsCost(scenario: Scenario): number {
  const { stack, batchSize } = scenario;
  const kb = messageKb(scenario);
  const received = batchedRequests(batchSize, kb);
  const sent = stack === 'posthorn' ? batchedRequests(batchSize, kb) : batchSize * chunks(kb);
  return ((received + 1 + sent) / batchSize) * prices.sqsPerMillionRequests;
}

/** Requests wait at the same time as their neighbours' do, so a batch waits once for each kind of request; CPU adds up. */
function lambdaCost(scenario: Scenario): number {
  const { stack, batchSize } = scenario;
  const { tableMs, queueMs, s3GetMs, s3PutMs, cpuMsPerRequest, cpuMsPerMessage, vcpuShare, memoryGb } = assumptions;
  const contentRequests = isClaimCheck(scenario) ? 2 * batchSize : 0;
  const requests = contentRequests + (stack === 'posthorn' ? 4 : 3 * batchSize);
  const waitMs = 2 * tableMs + queueMs + (isClaimCheck(scenario) ? s3GetMs + s3PutMs : 0);
  const cpuMs = (requests * cpuMsPerRequest + batchSize * cpuMsPerMessage) / vcpuShare;
  const perInvocation = prices.lambdaPerMillionInvocations + (waitMs + cpuMs) * 1_000 * memoryGb * prices.lambdaPerGbSecond;
  return perInvocation / batchSize;
}

/** One read, one write of the record with its outbox, the index's share, and that of the metrics record. */
function ledgerCost(scenario: Scenario): number {
  const itemKb = assumptions.recordKb + messageKb(scenario);
  const writeUnits = Math.ceil(itemKb) + assumptions.journeySampling + 1 / scenario.batchSize;
  return prices.readUnitsPerMillion + writeUnits * prices.writeUnitsPerMillion + tableStorage(itemKb, assumptions.ledgerMonths);
}

/** A claim and a completion. The record of a function without a result is small, and expires after an hour. */
function idempotencyCost(): number {
  return 2 * prices.writeUnitsPerMillion + tableStorage(assumptions.idempotencyRecordKb, assumptions.idempotencyMonths);
}

const tableStorage = (itemKb: number, months: number): number =>
  ((itemKb * 1e6) / KB_PER_GB) * months * (prices.tablePerGbMonth + prices.tableBackupPerGbMonth);

const contentCost = (payloadKb: number): number =>
  prices.s3PutPerMillion + prices.s3GetPerMillion + ((payloadKb * 1e6) / KB_PER_GB) * assumptions.contentMonths * prices.s3PerGbMonth;

function logCost({ stack, batchSize }: Scenario): number {
  const { posthornLogBytes, powertoolsLogBytes, platformLogBytes, logMonths } = assumptions;
  const bytes = (stack === 'posthorn' ? posthornLogBytes : powertoolsLogBytes) + platformLogBytes / batchSize;
  return ((bytes * 1e6) / 1e9) * (prices.logsPerGb + logMonths * prices.logsPerGbMonth);
}

/** The cost of a million messages with inline data and with a claim check, without the parts that are the same. */
export interface Carriage {
  readonly inline: number;
  readonly claimCheck: number;
}

/** @param withStorage includes the storage of records and content besides their requests */
export function carriage(payloadKb: number, withStorage: boolean): Carriage {
  const { s3PutMs, s3GetMs, memoryGb, ledgerMonths, contentMonths, cpuMsPerRequest, vcpuShare } = assumptions;
  const waitMs = s3PutMs + s3GetMs + (2 * cpuMsPerRequest) / vcpuShare;
  const s3 = prices.s3PutPerMillion + prices.s3GetPerMillion + waitMs * 1_000 * memoryGb * prices.lambdaPerGbSecond;
  return {
    inline: payloadKb * prices.writeUnitsPerMillion + (withStorage ? tableStorage(payloadKb, ledgerMonths) : 0),
    claimCheck: s3 + (withStorage ? payloadKb * contentMonths * prices.s3PerGbMonth : 0),
  };
}

/** The size from which a claim check is cheaper, in KB. */
export function breakEvenKb(withStorage: boolean): number {
  const [none, one] = [carriage(0, withStorage), carriage(1, withStorage)];
  return none.claimCheck / (one.inline - none.inline - (one.claimCheck - none.claimCheck));
}
