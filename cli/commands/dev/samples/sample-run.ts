import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { groupOf } from '../../../../client/send/group-of.ts';
import { unopenedKey } from '../../../../events/ledger-record.ts';
import { type Sample, sampleBodies, type UploadedContent } from '../../../../events/sample.ts';
import { CliError } from '../../../cli-error.ts';
import { uploadContent } from '../../send/sample-items.ts';
import type { Facts } from '../doubles.ts';
import { differences, expectedHops, type Observed } from './differences.ts';
import type { MeshClient } from './mesh-client.ts';

/** One run of a sample. */
export interface SampleRun {
  readonly name: string;
  readonly observed: Observed;
  /** The differences, in sentences; empty if the sample ended as it declares. */
  readonly differences: readonly string[];
  readonly seconds: number;
}

const POLL_MS = 200;
const DEADLINE_MS = 90_000;
/** How long a sample that ended as declared is still watched for undeclared outcomes. */
const SETTLE_MS = 600;

/**
 * Sends a sample to its agent's inbox and follows its journeys through the ledger until they are what the sample declares,
 * or the deadline has passed, or the signal aborts.
 *
 * @param folder the sample's folder
 * @param facts reads the counts of the doubles
 * @param onProgress called with the state so far
 * @param deadlineMs how long it may take
 * @throws when the sample cannot be sent
 */
export async function runSample(
  name: string,
  sample: Sample,
  folder: string,
  mesh: MeshClient,
  facts: Facts,
  signal: AbortSignal,
  onProgress: (observed: Observed) => void,
  deadlineMs: number = DEADLINE_MS,
): Promise<SampleRun> {
  const startedAt = Date.now();
  const run = randomBytes(4).toString('hex');
  const uploaded = await uploadContent(sample, folder, mesh.content);
  const bodies = bodiesOf(sample, run, uploaded);
  const rawKeys = await send(sample, bodies, mesh);
  const sentIds = new Set(sample.events.flatMap((event) => ('id' in event ? [`${event.id}-${run}`] : [])));

  const observe = async (): Promise<Observed> => ({
    hops: [...(await mesh.journey(journeyOf(run))), ...(await mesh.records(rawKeys))],
    facts: facts(sentIds),
    replies: mesh.repliesIn(journeyOf(run)),
  });

  let observed = await observe();
  let settledAt: number | undefined;
  while (Date.now() - startedAt < deadlineMs && !signal.aborted) {
    onProgress(observed);
    const isDone = observed.hops.length >= expectedHops(sample.expect) && differences(sample.expect, observed).length === 0;
    if (!isDone) settledAt = undefined;
    else if (settledAt === undefined) settledAt = Date.now();
    else if (Date.now() - settledAt >= SETTLE_MS) break;
    await wait(POLL_MS);
    observed = await observe();
  }
  return { name, observed, differences: differences(sample.expect, observed), seconds: (Date.now() - startedAt) / 1_000 };
}

interface SampleBody {
  readonly body: string;
  readonly isRaw: boolean;
}

/** The correlation id of a run. */
const journeyOf = (run: string): string => `sample-${run}`;

/** Puts all of a sample's events into one journey, in which the ledger finds every hop. */
function bodiesOf(sample: Sample, run: string, uploaded: Record<string, UploadedContent>): SampleBody[] {
  const traceId = randomBytes(16).toString('hex');
  return sample.events.flatMap((event): SampleBody[] => {
    const bodies = sampleBodies({ ...sample, events: [event] }, { run, uploaded });
    if (!('id' in event)) return bodies.map((body) => ({ body, isRaw: true }));
    const context = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`, correlationid: journeyOf(run) };
    return bodies.map((body) => ({ body: JSON.stringify({ ...JSON.parse(body), ...context }), isRaw: false }));
  });
}

/** @returns the ledger keys of the raw bodies, which contain the ids that SQS assigned */
async function send(sample: Sample, bodies: readonly SampleBody[], mesh: MeshClient): Promise<string[]> {
  const [url, sender] = await Promise.all([mesh.inboxOf(sample.agent), mesh.senderOf(sample)]);
  const MessageAttributes = await sender.attributesFor(sample.agent);
  const keys: string[] = [];
  for (let from = 0; from < bodies.length; from += 10) {
    const batch = bodies.slice(from, from + 10);
    const { Successful = [], Failed = [] } = await sender.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: batch.map(({ body }, index) => ({ Id: String(index), MessageBody: body, MessageAttributes, ...groupOf(body) })),
      }),
    );
    if (Failed.length > 0) throw new CliError(`SQS refused ${Failed.length} messages (${Failed[0]?.Message})`);
    for (const { Id, MessageId = '' } of Successful) {
      if (batch[Number(Id)]?.isRaw) keys.push(unopenedKey(sample.agent, MessageId));
    }
  }
  return keys;
}
