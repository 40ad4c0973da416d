import type { Delivery } from '../delivery.ts';
import type { Clock } from '../ports.ts';
import type { InvocationTimes, Phase } from './plan-batch.ts';

/** Soon, but not in the poll that is under way. */
const NEXT_INVOCATION_SECONDS = 1;

/** What the executor does with one delivery. */
export interface DeliveryActions {
  /** Gives it to the pipeline. */
  handle(delivery: Delivery): Promise<void>;
  /** Leaves it in the queue, hidden for so long. */
  returnToQueue(delivery: Delivery, delaySeconds: number): Promise<void>;
}

/**
 * Runs the phases of a batch, one after another.
 *
 * Copies of one message (the same body) are handled in turn: a copy finds the outcome of the one before it. Where that one is to be
 * retried, so is the copy, at the same time: it would otherwise be an attempt without a delay before it.
 *
 * @param maxReceives at a message's last receive SQS would move it with no outcome: the pipeline gives it one, without the handler
 */
export async function executePlan(
  phases: readonly Phase[],
  { startedAt, deadlineAt, endsAt }: InvocationTimes,
  { handle, returnToQueue }: DeliveryActions,
  { clock, maxReceives }: { readonly clock: Pick<Clock, 'now'>; readonly maxReceives: number },
): Promise<void> {
  const copiesByBody = Map.groupBy(
    phases.flatMap(({ deliveries }) => deliveries),
    bodyOf,
  );
  const hasTimeFor = ({ minShareLeft }: Phase) => minShareLeft === 0 || clock.now() < deadlineAt - (endsAt - startedAt) * minShareLeft;

  async function handleUnlessCopyFailed(delivery: Delivery): Promise<void> {
    const delaySeconds = copiesByBody
      .get(bodyOf(delivery))
      ?.find((copy) => !copy.isAcknowledged && copy.report.delaySeconds !== undefined && isOfSameSender(copy, delivery))
      ?.report.delaySeconds;
    await (delaySeconds === undefined ? handle(delivery) : returnToQueue(delivery, delaySeconds));
  }

  // Apart from each other: together they would be deferred again, and each time costs a receive.
  let deferred = 0;
  const deferToNextInvocation = (delivery: Delivery) =>
    delivery.receiveCount >= maxReceives ? handle(delivery) : returnToQueue(delivery, ++deferred * NEXT_INVOCATION_SECONDS);

  for (const phase of phases) {
    for (const delivery of phase.deliveries) delivery.isSuspect = phase.areSuspects;
    if (phase.order === 'one by one') {
      await inTurn(phase.deliveries, (delivery) =>
        hasTimeFor(phase) ? handleUnlessCopyFailed(delivery) : deferToNextInvocation(delivery),
      );
    } else if (hasTimeFor(phase)) {
      await Promise.all([...Map.groupBy(phase.deliveries, bodyOf).values()].map((copies) => inTurn(copies, handleUnlessCopyFailed)));
    } else await inTurn(phase.deliveries, deferToNextInvocation);
  }
}

/** A forged copy says nothing about the genuine message. */
const isOfSameSender = (one: Delivery, other: Delivery): boolean =>
  one.sqsRecord.attributes.SenderId === other.sqsRecord.attributes.SenderId;

const bodyOf = ({ sqsRecord }: Delivery): string => sqsRecord.body;

async function inTurn(deliveries: readonly Delivery[], work: (delivery: Delivery) => Promise<void>): Promise<void> {
  for (const delivery of deliveries) await work(delivery);
}
