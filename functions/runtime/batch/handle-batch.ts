import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AgentDefinition } from '../agent/agent.ts';
import { ContentAccess } from '../content/content-access.ts';
import { Delivery } from '../delivery.ts';
import { LazyFinder } from '../discovery/lazy-finder.ts';
import { MetricsRecorder } from '../metrics/metrics-recorder.ts';
import { admitSender } from '../middleware/authorise.ts';
import { pipeline } from '../pipeline.ts';
import type { Ports } from '../ports.ts';
import type { Runtime, RuntimeSettings } from '../runtime.ts';
import { endSpans } from '../tracing/end-spans.ts';
import { Tracer } from '../tracing/tracer.ts';
import { AccessCache } from '../trust/access-cache.ts';
import { Refusal } from '../trust/refusal.ts';
import { TokenVerifier } from '../trust/verify-token.ts';
import { coalesce } from './coalesce.ts';
import { delayMessage } from './delay-message.ts';
import { executePlan } from './execute-plan.ts';
import type { Redelivered } from './find-suspects.ts';
import { planBatch, planTimes } from './plan-batch.ts';

/**
 * Makes the Lambda handler of an agent: each message of a batch goes through the pipeline of its own; messages that were received
 * before without a recorded failure may crash the process, so they go last and one by one.
 *
 * @returns a handler for SQS with ReportBatchItemFailures; no message makes it throw, and it returns in time
 * even if a handler hangs
 */
export function batchHandler(agent: AgentDefinition, ports: Ports, settings: RuntimeSettings) {
  const runtime: Runtime = {
    ...ports,
    settings,
    io: coalesce(ports),
    contentAccess: new ContentAccess(ports.content),
    access: new AccessCache(agent.id, ports),
    finder: new LazyFinder(ports),
    verifier: new TokenVerifier(ports),
    recorder: new MetricsRecorder(ports),
    tracer: ports.tracing && new Tracer(ports.tracing, ports),
  };
  const run = pipeline(runtime);
  const endSpansOf = endSpans(runtime);

  return async function handleBatch(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
    const times = planTimes(ports.clock.now(), context.getRemainingTimeInMillis());
    const metrics = runtime.recorder.begin(event.Records.length, times.endsAt);
    const deliveries = event.Records.map(
      (sqsRecord) =>
        new Delivery({
          ...{ agent, sqsRecord, ...times, onReported: metrics.record },
          createLogger: () => ports.logger.child({ sqsMessageId: sqsRecord.messageId }),
        }),
    );
    const underWay = new Set(deliveries);
    let isOver = false;

    async function handle(delivery: Delivery): Promise<void> {
      if (isOver) return;
      try {
        if ((await run(delivery, context)) === 'acknowledge') delivery.acknowledge();
      } catch (error) {
        delivery.logger.error('the pipeline failed; the message will be redelivered', { error });
      }
      underWay.delete(delivery);
    }

    async function returnToQueue(delivery: Delivery, delaySeconds: number): Promise<void> {
      if (isOver) return;
      delivery.logger.info('not handled in this invocation; the message will be redelivered', { delaySeconds });
      await delayMessage(delivery, delaySeconds, runtime);
      delivery.reported();
      underWay.delete(delivery);
    }

    async function handleAll(): Promise<void> {
      if (runtime.tracer !== undefined) await runtime.tracer.ready();
      const phases = planBatch(deliveries, await readRedelivered(deliveries, runtime));
      await executePlan(phases, times, { handle, returnToQueue }, { clock: ports.clock, maxReceives: settings.maxReceives });
      await Promise.all([...deliveries.map(({ alerting }) => alerting), runtime.access.idle(), runtime.finder.idle()]);
    }

    let cancelLastCall = () => {};
    const lastCall = new Promise<void>((resolve) => {
      cancelLastCall = ports.clock.after(times.lastCallAt - times.startedAt, resolve);
    });
    runtime.contentAccess.beginInvocation();
    await Promise.race([handleAll(), lastCall]);
    cancelLastCall();
    isOver = true;
    for (const delivery of underWay) {
      delivery.logger.error('not finished at the end of the invocation; the message will be redelivered');
      endSpansOf(delivery);
    }

    await Promise.all([metrics.end(), runtime.tracer?.flush(times.endsAt)]);
    return {
      batchItemFailures: deliveries
        .filter((delivery) => !delivery.isAcknowledged)
        .map(({ sqsRecord }) => ({ itemIdentifier: sqsRecord.messageId })),
    };
  };
}

/** Reads the records of the messages that were received before. Those that are unparsable or refused are left out: they have no record. */
async function readRedelivered(deliveries: readonly Delivery[], runtime: Runtime): Promise<readonly Redelivered[]> {
  const read = await Promise.all(
    deliveries
      .filter(({ receiveCount }) => receiveCount > 1)
      .map(async (delivery): Promise<Redelivered | undefined> => {
        try {
          delivery.open();
          await admitSender(delivery, runtime);
          return { delivery, record: await runtime.io.readRecord(delivery.messageKey) };
        } catch (error) {
          // The pipeline meets the same error again, and records it.
          return delivery.isOpened && !(error instanceof Refusal) ? { delivery, record: undefined } : undefined;
        }
      }),
  );
  return read.filter((entry) => entry !== undefined);
}
