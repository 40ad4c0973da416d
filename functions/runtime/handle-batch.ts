import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AgentDefinition } from './agent.ts';
import { coalesce } from './coalesce.ts';
import { ContentAccess } from './content-access.ts';
import { delayMessage } from './delay-message.ts';
import type { LedgerRecord } from './ledger-record.ts';
import { Passage } from './passage.ts';
import { pipeline } from './pipeline.ts';
import type { Ports } from './ports.ts';
import type { Runtime, RuntimeSettings } from './runtime.ts';

/** Room before the function's own timeout for recording what did not end in time. */
const MARGIN_SHARE = 0.15;
const MAX_MARGIN_MS = 2_000;

/** What must be left of an invocation to begin with a suspect. */
const MIN_SUSPECT_SHARE = 0.25;

/** What must be left to begin with those that needed more than a whole invocation before: less would be no fair attempt. */
const MIN_SLOW_SHARE = 0.5;

/** Soon, but not in the poll that is under way. */
const NEXT_INVOCATION_SECONDS = 1;

/**
 * Makes the Lambda handler of an agent: each message of a batch goes through the pipeline of its own; messages that came
 * before without a recorded failure, so that they may crash the process, go last and one by one.
 *
 * @returns a handler for SQS with ReportBatchItemFailures; it throws for nothing that a message may hold
 */
export function batchHandler(agent: AgentDefinition, ports: Ports, settings: RuntimeSettings) {
  const runtime: Runtime = { ...ports, settings, io: coalesce(ports), contentAccess: new ContentAccess(ports.content) };
  const run = pipeline(runtime);

  async function pass(passage: Passage, context: Context): Promise<void> {
    try {
      if ((await run(passage, context)) === 'acknowledge') passage.acknowledge();
    } catch (error) {
      passage.logger.error('the pipeline failed; the message comes again', { error });
    }
  }

  async function putBack(passage: Passage, delaySeconds: number): Promise<void> {
    passage.logger.info('not handled in this invocation; the message comes again', { delaySeconds });
    await delayMessage(passage, delaySeconds, runtime);
  }

  return async function handleBatch(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
    const startedAt = ports.clock.now();
    const remainingMs = context.getRemainingTimeInMillis();
    const endsAt = startedAt + remainingMs;
    const deadlineAt = endsAt - Math.min(MAX_MARGIN_MS, remainingMs * MARGIN_SHARE);
    const passages = event.Records.map(
      (record) =>
        new Passage({
          agent,
          record,
          startedAt,
          deadlineAt,
          endsAt,
          createLogger: () => ports.logger.child({ sqsMessageId: record.messageId }),
        }),
    );

    const together = (group: readonly Passage[]) =>
      Promise.all(
        byBody(group).map((copies) =>
          inTurn(copies, async (passage) => {
            const failed = copies.find(({ isAcknowledged, verdict }) => !isAcknowledged && verdict.delaySeconds !== undefined);
            if (failed) await putBack(passage, failed.verdict.delaySeconds ?? NEXT_INVOCATION_SECONDS);
            else await pass(passage, context);
          }),
        ),
      );
    const isLeft = (share: number) => ports.clock.now() < deadlineAt - remainingMs * share;
    // Apart from each other: together they would be left over again, and each time costs a receive.
    let leftOver = 0;
    const leave = (passage: Passage) => putBack(passage, ++leftOver * NEXT_INVOCATION_SECONDS);

    const { suspects, slow } = await lookBack(passages, runtime);
    await together(passages.filter((passage) => !suspects.includes(passage) && !slow.includes(passage)));
    await inTurn(suspects, (suspect) => (isLeft(MIN_SUSPECT_SHARE) ? pass(suspect, context) : leave(suspect)));
    if (isLeft(MIN_SLOW_SHARE)) await together(slow);
    else await inTurn(slow, leave);

    ports.metrics.flush();
    return {
      batchItemFailures: passages.filter((passage) => !passage.isAcknowledged).map(({ record }) => ({ itemIdentifier: record.messageId })),
    };
  };
}

/**
 * Suspects were received before, and not every receive left a failed attempt on record. The likeliest to crash or to hang come
 * last, so that they do not use up the receives of those that were only beside them; of those, who has the fewest receives left
 * comes first. Messages that are known to use up all the time there is wait until the suspects are done, for the same reason.
 */
async function lookBack(passages: readonly Passage[], { io }: Runtime) {
  const looked = await Promise.all(
    passages
      .filter(({ receiveCount }) => receiveCount > 1)
      .map(async (passage) => {
        try {
          passage.open();
          const record = await io.readRecord(passage.messageKey);
          const isSlow = record?.outcome === undefined && record?.attempts.at(-1)?.code === 'DeadlineExceeded';
          return { passage, isSuspect: !isAccounted(passage, record), suspicion: suspicionOf(passage, record), isSlow };
        } catch {
          // Whatever is wrong is found again, and recorded, when the message goes through the pipeline.
          return { passage, isSuspect: passage.isOpened, suspicion: 0, isSlow: false };
        }
      }),
  );
  const suspects = looked
    .filter(({ isSuspect }) => isSuspect)
    .sort((a, b) => a.suspicion - b.suspicion || b.passage.receiveCount - a.passage.receiveCount)
    .map(({ passage }) => passage);
  for (const suspect of suspects) suspect.isSuspect = true;
  const slow = suspects.length === 0 ? [] : looked.filter(({ isSuspect, isSlow }) => isSlow && !isSuspect).map(({ passage }) => passage);
  return { suspects, slow };
}

/** More than attempts can be. */
const CLAIMED = 1_000;

/** With a claim, it may have crashed the process that held it; with failed attempts, it may have used up the time of a batch. */
function suspicionOf({ generation }: Passage, record: LedgerRecord | undefined): number {
  if (record === undefined || record.generation < generation) return 0;
  return record.attempts.length + (record.claim === undefined ? 0 : CLAIMED);
}

/**
 * A record of an older generation says nothing about the receives of a redriven message. Copies of a message share its attempts, so
 * that those may outnumber the receives of each: a claim that is left over tells of a crash all the same.
 */
function isAccounted({ generation, receiveCount }: Passage, record: LedgerRecord | undefined): boolean {
  if (record === undefined || record.generation < generation) return false;
  if (record.outcome !== undefined) return true;
  return record.claim === undefined && record.attempts.length >= receiveCount - 1;
}

/**
 * Copies of one message in a batch are handled in turn: the second finds the first's outcome. Where the first is to be
 * retried, so are they, at its time: each copy would otherwise be an attempt without a delay before it.
 */
function byBody(passages: readonly Passage[]): Passage[][] {
  const groups = new Map<string, Passage[]>();
  for (const passage of passages) {
    const { body } = passage.record;
    const group = groups.get(body);
    if (group) group.push(passage);
    else groups.set(body, [passage]);
  }
  return [...groups.values()];
}

async function inTurn(passages: readonly Passage[], work: (passage: Passage) => Promise<void>): Promise<void> {
  for (const passage of passages) await work(passage);
}
