import { MAX_INLINE_BYTES } from '../../events/envelope.ts';
import { assumptions } from './assumptions.ts';
import { breakEvenKb, type Cost, carriage, costPerMillion, type Scenario, tenantSurcharge, total } from './cost-model.ts';
import { discoveryDocument } from './discovery-document.ts';
import { markdownTable } from './markdown-table.ts';
import { prices } from './prices.ts';
import { signalsDocument } from './signals-document.ts';

const PAYLOADS_KB = [1, 64, 512];
const BATCH_SIZES = [10, 1];
const STACKS = ['posthorn', 'powertools'] as const;
const COST_ITEMS: readonly (readonly [keyof Cost, string])[] = [
  ['sqs', 'SQS'],
  ['lambda', 'Lambda'],
  ['dynamodb', 'DynamoDB'],
  ['s3', 'S3'],
  ['logs', 'Logs'],
  ['traces', 'Traces'],
];

const dollars = (amount: number): string => amount.toFixed(2);

const scenarios: readonly Scenario[] = BATCH_SIZES.flatMap((batchSize) =>
  PAYLOADS_KB.flatMap((payloadKb) => STACKS.map((stack) => ({ stack, batchSize, payloadKb }))),
);

const costRows = scenarios.map((scenario) => {
  const cost = costPerMillion(scenario);
  const { stack, batchSize, payloadKb } = scenario;
  return [String(batchSize), `${payloadKb} KB`, stack, ...COST_ITEMS.map(([item]) => dollars(cost[item])), `**${dollars(total(cost))}**`];
});

const carriageRows = [1, 4, 8, 16, 64, 256].map((payloadKb) => {
  const [requests, stored] = [carriage(payloadKb, false), carriage(payloadKb, true)];
  return [`${payloadKb} KB`, ...[requests.inline, requests.claimCheck, stored.inline, stored.claimCheck].map(dollars)];
});

const tenantRows = BATCH_SIZES.map((batchSize) => {
  const scenario: Scenario = { stack: 'posthorn', batchSize, payloadKb: 1 };
  const [without, surcharge] = [total(costPerMillion(scenario)), tenantSurcharge(scenario)];
  return [String(batchSize), '1 KB', dollars(without), dollars(surcharge), `${((100 * surcharge) / without).toFixed(1)}%`];
});

const of = (batchSize: number, payloadKb: number) => ({
  posthorn: costPerMillion({ stack: 'posthorn', batchSize, payloadKb }),
  powertools: costPerMillion({ stack: 'powertools', batchSize, payloadKb }),
});
const [small, single, large] = [of(10, 1), of(1, 1), of(10, 512)];
const percent = (part: number, cost: Cost): string => `${Math.round((100 * part) / total(cost))}%`;
const ledgerStorage =
  (assumptions.recordKb + assumptions.envelopeKb + 1) * assumptions.ledgerMonths * (prices.tablePerGbMonth + prices.tableBackupPerGbMonth);
const contentStorage = 512 * assumptions.contentMonths * prices.s3PerGbMonth;

/** The text of docs/cost.md, computed from the model. */
export const costDocument = (): string => `# What a message costs

Written by \`npm run bench -- cost\` from the model in \`bench/cost/\`; a test fails if the two differ. It is a model, not a
bill: list prices of us-east-1, without free tier and discounts.

## Dollars for a million messages

A message arrives, is handled, and sends one message with as much data. The agent's own work is not counted.
*powertools* is the usual alternative: middy with Powertools batch, idempotency, logger and metrics, combined as in
their documentation, without X-Ray. It promises less: a crash between its send and the completion of its record sends
twice.

${markdownTable(['batch', 'data', 'stack', ...COST_ITEMS.map(([, title]) => title), 'total'], costRows)}

## Where the money goes

- **Posthorn costs more dollars**, by ${dollars(total(small.posthorn) - total(small.powertools))} a million small messages and by more for large ones, because it keeps
  its promises. For ${assumptions.ledgerMonths * 30} days its record holds the sent messages and the outcome. For an hour the peer's record holds only
  that the message existed. Posthorn saves SQS requests and CPU, which are cheap on AWS: that buys throughput and
  latency, but hardly any money.
- **Small messages: DynamoDB** is ${percent(small.posthorn.dynamodb, small.posthorn)} of the total at 1 KB in batches of ten. The parts are ${Math.ceil(assumptions.recordKb + assumptions.envelopeKb + 1)} write units (the record
  with 1 KB in its outbox; data up to ${Math.floor(1_000 * (1 - assumptions.recordKb - assumptions.envelopeKb))} bytes needs one, and up to 80 with long names), ${assumptions.journeySampling} for the index of
  journeys, 0.1 for the metrics record, a consistent read, and ${dollars(ledgerStorage)} to keep and back up
  the record. The peer pays two writes.
- **Data above ${MAX_INLINE_BYTES / 1_024} KiB: S3.** The parts are two requests and ${assumptions.contentMonths * 30} days of storage, which is ${dollars(contentStorage)} of the ${dollars(large.posthorn.s3)} at
  512 KB. This is an upper bound: content is addressed by its digest, so a document that ten agents pass on is stored
  once, and a warm agent does not fetch it again. The peer pays SQS for each begun 64 KB instead, and cannot pass on
  more than 1 MiB. If content need not outlive both queues (7 and 14 days), a shorter lifecycle rule of the content
  bucket saves most of this.
- **Batches**: with one message in an invocation instead of ten, SQS, Lambda and Lambda's own log lines are ${percent(single.posthorn.sqs + single.posthorn.lambda + single.posthorn.logs, single.posthorn)} of
  ${dollars(total(single.posthorn))}; in batches of ten they are ${percent(small.posthorn.sqs + small.posthorn.lambda + small.posthorn.logs, small.posthorn)} of ${dollars(total(small.posthorn))}. A busy queue fills its batches automatically.
- **Logs** cost more than Lambda. The one line for each message is the audit trail; \`logLevel\` WARN keeps only failures.
- **Journeys**: the ledger's index of journeys has an entry for each message, for ${dollars(assumptions.journeySampling * prices.writeUnitsPerMillion)} in the column of DynamoDB. The
  setting \`journeySampling\` 0.1 leaves ${dollars(0.1 * prices.writeUnitsPerMillion)}; failures stay in it. A claim of an exclusive agent, and each
  failed attempt, also cost up to two units in the index of open records. The setting \`traceIndex\` costs ${dollars(prices.writeUnitsPerMillion)} more.
- **Traces** cost nothing in either: the peer has none, and here they are off without \`otlpEndpoint\`.

## Inline or claim check

Data up to ${MAX_INLINE_BYTES / 1_024} KiB goes inline, into the ledger's record with the rest of the outbox. Larger data goes to S3, and the
outbox has the reference. Dollars for a million messages, for the parts that differ:

${markdownTable(['data', 'inline', 'claim check', 'inline, with storage', 'claim check, with storage'], carriageRows)}

By requests and the time that the function waits for S3, the two break even at ${breakEvenKb(false).toFixed(1)} KB. With ${assumptions.ledgerMonths * 30} days of the
record's storage and backup they break even at ${breakEvenKb(true).toFixed(1)} KB. Between the two, up to the threshold, inline costs at most
${dollars(carriage(8, true).inline - carriage(8, true).claimCheck)} a million more, and saves the ${assumptions.s3PutMs + assumptions.s3GetMs} ms of an S3 PUT and GET on each hop. So the threshold is near the upper one.

## What tenants cost

A message with a [tenant](writing-an-agent.md#tenants) has a \`MessageGroupId\`. SQS asks ${dollars(prices.sqsFairPerMillionRequests)} more for a million
requests of a fair queue ([prices](https://aws.amazon.com/sqs/pricing/),
[summary](https://cloudburn.io/blog/amazon-sqs-pricing)). The summary does not say
which requests count. So this is an upper bound, for each receive, delete and send. Dollars for a million messages that
all have a tenant:

${markdownTable(['batch', 'data', 'without', 'surcharge', 'share'], tenantRows)}

Messages without a tenant cost what they did. The tenant adds its length to the envelope, and so to the outbox in the
ledger.

${signalsDocument()}
${discoveryDocument()}
## Assumptions

${markdownTable(
  ['assumption', 'value'],
  Object.entries(assumptions).map(([name, value]) => [name, String(Number(value.toFixed(5)))]),
)}

${markdownTable(
  ['price in dollars', 'value'],
  Object.entries(prices).map(([name, value]) => [name, String(value)]),
)}

Left out of the comparison, because they are the same for both or do not depend on messages: idle polling of the queues,
alarms, data transfer, failures and their retries, and an agent's custom metrics.
`;
