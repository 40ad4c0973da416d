import type { Message } from './agent.ts';
import { TransientError } from './errors.ts';
import { HandlerContext } from './handler-context.ts';
import { Interrupted } from './interrupted.ts';
import type { Disposition, Passage } from './passage.ts';
import type { Runtime } from './runtime.ts';

/**
 * Gives the message to the agent's function, under a deadline of its own: one that hangs takes no neighbour along.
 *
 * @throws Interrupted when no time is left to begin; TransientError `DeadlineExceeded`; whatever the function throws
 */
export const handle =
  (runtime: Runtime) =>
  async (passage: Passage): Promise<Disposition> => {
    const controller = new AbortController();
    const context = new HandlerContext(passage, runtime, runtime.contentAccess, controller.signal);
    if (context.remainingTimeMs() === 0) throw new Interrupted('the time of the invocation was used up before the handler could begin');
    let cancelDeadline = () => {};
    const deadline = new Promise<never>((_resolve, reject) => {
      cancelDeadline = runtime.clock.after(context.remainingTimeMs(), () => {
        const error = new TransientError(
          'DeadlineExceeded',
          `the handler did not end in time (timeoutSeconds ${passage.agent.timeoutSeconds})`,
        );
        reject(error);
        controller.abort(error);
      });
    });
    try {
      const handling = async () => context.effects(await passage.agent.handle(messageOf(passage), context));
      passage.effects = await Promise.race([handling(), deadline]);
      return 'acknowledge';
    } finally {
      cancelDeadline();
      context.close();
    }
  };

function messageOf({ envelope, data, attempts, generation }: Passage): Message {
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
