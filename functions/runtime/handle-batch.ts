import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AgentDefinition } from './agent.ts';
import { coalesce } from './coalesce.ts';
import { ContentAccess } from './content-access.ts';
import { delayMessage } from './delay-message.ts';
import { lookBack } from './look-back.ts';
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

/** How much of that room is for the messages: what is still under way then is reported as failed, so that its neighbours are not. */
const LAST_CALL_SHARE = 0.75;

/**
 * Makes the Lambda handler of an agent: each message of a batch goes through the pipeline of its own; messages that came
 * before without a recorded failure, so that they may crash the process, go last and one by one.
 *
 * @returns a handler for SQS with ReportBatchItemFailures; it throws for nothing that a message may hold, and returns in time
 * whatever hangs
 */
export function batchHandler(agent: AgentDefinition, ports: Ports, settings: RuntimeSettings) {
  const runtime: Runtime = { ...ports, settings, io: coalesce(ports), contentAccess: new ContentAccess(ports.content) };
  const run = pipeline(runtime);

  return async function handleBatch(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
    const startedAt = ports.clock.now();
    const remainingMs = context.getRemainingTimeInMillis();
    const endsAt = startedAt + remainingMs;
    const marginMs = Math.min(MAX_MARGIN_MS, remainingMs * MARGIN_SHARE);
    const deadlineAt = endsAt - marginMs;
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
    const underWay = new Set(passages);
    let isOver = false;

    async function pass(passage: Passage): Promise<void> {
      if (isOver) return;
      try {
        if ((await run(passage, context)) === 'acknowledge') passage.acknowledge();
      } catch (error) {
        passage.logger.error('the pipeline failed; the message comes again', { error });
      }
      underWay.delete(passage);
    }

    async function putBack(passage: Passage, delaySeconds: number): Promise<void> {
      if (isOver) return;
      passage.logger.info('not handled in this invocation; the message comes again', { delaySeconds });
      await delayMessage(passage, delaySeconds, runtime);
      underWay.delete(passage);
    }

    const copies = Map.groupBy(passages, bodyOf);
    // A copy finds the outcome of the one before it. Where that is to be retried, so is the copy, at the same time: it would otherwise
    // be an attempt without a delay before it.
    async function passUnlessCopyFailed(passage: Passage): Promise<void> {
      const failed = copies
        .get(bodyOf(passage))
        ?.find(({ isAcknowledged, verdict }) => !isAcknowledged && verdict.delaySeconds !== undefined);
      await (failed?.verdict.delaySeconds === undefined ? pass(passage) : putBack(passage, failed.verdict.delaySeconds));
    }

    const together = (group: readonly Passage[]) =>
      Promise.all([...Map.groupBy(group, bodyOf).values()].map((same) => inTurn(same, passUnlessCopyFailed)));
    const isLeft = (share: number) => ports.clock.now() < deadlineAt - remainingMs * share;
    // Apart from each other: together they would be left over again, and each time costs a receive.
    let leftOver = 0;
    // At its last receive it would be moved by SQS, with no outcome: the pipeline gives it one, without the handler.
    const leave = (passage: Passage) =>
      passage.receiveCount >= settings.maxReceives ? pass(passage) : putBack(passage, ++leftOver * NEXT_INVOCATION_SECONDS);

    async function handleAll(): Promise<void> {
      const { suspects, slow } = await lookBack(passages, runtime);
      await together(passages.filter((passage) => !suspects.includes(passage) && !slow.includes(passage)));
      await inTurn(suspects, (suspect) => (isLeft(MIN_SUSPECT_SHARE) ? passUnlessCopyFailed(suspect) : leave(suspect)));
      if (isLeft(MIN_SLOW_SHARE)) await together(slow);
      else await inTurn(slow, leave);
      await Promise.all(passages.map(({ alerting }) => alerting));
    }

    let cancelLastCall = () => {};
    const lastCall = new Promise<void>((resolve) => {
      cancelLastCall = ports.clock.after(remainingMs - marginMs * (1 - LAST_CALL_SHARE), resolve);
    });
    runtime.contentAccess.beginInvocation();
    await Promise.race([handleAll(), lastCall]);
    cancelLastCall();
    isOver = true;
    for (const { logger } of underWay) logger.error('still under way at the end of the invocation; the message comes again');

    ports.metrics.flush();
    return {
      batchItemFailures: passages.filter((passage) => !passage.isAcknowledged).map(({ record }) => ({ itemIdentifier: record.messageId })),
    };
  };
}

const bodyOf = ({ record }: Passage): string => record.body;

async function inTurn(passages: readonly Passage[], work: (passage: Passage) => Promise<void>): Promise<void> {
  for (const passage of passages) await work(passage);
}
