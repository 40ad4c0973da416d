import type { Delivery, Disposition } from '../delivery.ts';
import { TransientError } from '../failure/errors.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Runtime } from '../runtime.ts';
import type { Message } from './agent.ts';
import { HandlerContext } from './handler-context.ts';

/**
 * Gives the message to the agent's function, under a deadline of its own: a handler that hangs does not delay the
 * rest of the batch.
 *
 * @throws Interrupted when no time is left to begin; TransientError `DeadlineExceeded`; whatever the function throws
 */
export const handle =
  (runtime: Runtime) =>
  async (delivery: Delivery): Promise<Disposition> => {
    const context = new HandlerContext(delivery, runtime);
    if (context.remainingTimeMs() === 0) throw new Interrupted('the time of the invocation was used up before the handler could begin');
    delivery.handledAt = runtime.clock.now();
    let cancelDeadline = () => {};
    const deadline = new Promise<never>((_resolve, reject) => {
      cancelDeadline = runtime.clock.after(context.remainingTimeMs(), () => {
        const error = new TransientError(
          'DeadlineExceeded',
          `the handler did not end in time (timeoutSeconds ${delivery.agent.timeoutSeconds})`,
        );
        reject(error);
        context.abort(error);
      });
    });
    try {
      const handling = async () => context.effects(await delivery.agent.handle(messageOf(delivery), context));
      delivery.effects = await Promise.race([handling(), deadline]);
      return 'acknowledge';
    } finally {
      cancelDeadline();
      context.close();
      delivery.handledUntil = runtime.clock.now();
    }
  };

function messageOf({ envelope, data, attempts, generation }: Delivery): Message {
  return {
    id: envelope.id,
    source: envelope.source,
    type: envelope.type,
    time: envelope.time,
    subject: envelope.subject,
    data,
    metadata: envelope.metadata ?? {},
    correlationId: envelope.correlationid ?? envelope.id,
    generation,
    attempt: attempts.length + 1,
    envelope,
  };
}
