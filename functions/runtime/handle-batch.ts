import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AgentDefinition } from './agent.ts';
import { coalesce } from './coalesce.ts';
import { ContentAccess } from './content-access.ts';
import { delayMessage } from './delay-message.ts';
import { Passage } from './passage.ts';
import { pipeline } from './pipeline.ts';
import type { Ports } from './ports.ts';
import type { Runtime, RuntimeSettings } from './runtime.ts';

/** Room before the function's own timeout for recording what did not end in time. */
const MARGIN_SHARE = 0.15;
const MAX_MARGIN_MS = 2_000;

/** What must be left of an invocation to begin with a suspect. */
const MIN_SUSPECT_SHARE = 0.25;

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

    const suspects = await findSuspects(passages, runtime);
    await Promise.all(
      byMessage(passages.filter((passage) => !suspects.includes(passage))).map((group) =>
        inTurn(group, (passage) => pass(passage, context)),
      ),
    );
    await inTurn(suspects, async (suspect) => {
      if (ports.clock.now() < deadlineAt - remainingMs * MIN_SUSPECT_SHARE) await pass(suspect, context);
      else await delayMessage(suspect, NEXT_INVOCATION_SECONDS, runtime);
    });

    ports.metrics.flush();
    return {
      batchItemFailures: passages.filter((passage) => !passage.isAcknowledged).map(({ record }) => ({ itemIdentifier: record.messageId })),
    };
  };
}

/** Received before, and not every receive left a failed attempt on record. Those with a claim, the likeliest to crash, come last. */
async function findSuspects(passages: readonly Passage[], { io }: Runtime): Promise<Passage[]> {
  const looked = await Promise.all(
    passages
      .filter(({ receiveCount }) => receiveCount > 1)
      .map(async (passage) => {
        try {
          passage.open();
          const record = await io.readRecord(passage.messageKey);
          const isAccounted = record !== undefined && (record.outcome !== undefined || record.attempts.length >= passage.receiveCount - 1);
          return { passage, isSuspect: !isAccounted, hasClaim: record?.claim !== undefined };
        } catch {
          // Whatever is wrong is found again, and recorded, when the message goes through the pipeline.
          return { passage, isSuspect: passage.isOpened, hasClaim: false };
        }
      }),
  );
  const suspects = looked.filter(({ isSuspect }) => isSuspect).sort((a, b) => Number(a.hasClaim) - Number(b.hasClaim));
  return suspects.map(({ passage }) => {
    passage.isSuspect = true;
    return passage;
  });
}

/** The same message twice in one batch is handled in turn: the second finds the first's outcome. */
function byMessage(passages: readonly Passage[]): Passage[][] {
  const groups = new Map<string, Passage[]>();
  for (const passage of passages) {
    const identity = passage.record.body;
    const group = groups.get(identity);
    if (group) group.push(passage);
    else groups.set(identity, [passage]);
  }
  return [...groups.values()];
}

async function inTurn(passages: readonly Passage[], work: (passage: Passage) => Promise<void>): Promise<void> {
  for (const passage of passages) await work(passage);
}
