import type { Clock, Entropy } from '../ports.ts';

/** The service has answered, but not for this item: it has no capacity for it now. Ask again later. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
}

const MAX_REPEATS = 2;
const BASE_PAUSE_MS = 100;

/**
 * Asks for all items, then, after short pauses, once more and twice at most for those that are {@link Throttled}: the SDK asks
 * again only where a request fails as a whole.
 *
 * @param ask answers each item, in order; must be safe to repeat
 * @returns an answer to each item, in order; an `Error` for those that had none to the end
 * @throws what the first request fails with
 */
export async function retryThrottled<Item, Answer>(
  items: readonly Item[],
  ask: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>,
  time: { readonly clock: Pick<Clock, 'after'>; readonly entropy: Pick<Entropy, 'fraction'> },
  repeat = 0,
): Promise<readonly (Answer | Error)[]> {
  const answers = await ask(items);
  const throttled = items.filter((_item, index) => answers[index] instanceof Throttled);
  if (throttled.length === 0 || repeat === MAX_REPEATS) return answers;
  const pauseMs = BASE_PAUSE_MS * 2 ** repeat * (0.5 + time.entropy.fraction() / 2);
  await new Promise<void>((resolve) => void time.clock.after(pauseMs, resolve));
  const later = await retryThrottled(throttled, ask, time, repeat + 1).catch((cause: unknown) =>
    throttled.map(() => new Error('throttled, and not answered when asked again', { cause })),
  );
  const laterAnswers = later.values();
  return answers.map((answer) => {
    if (!(answer instanceof Throttled)) return answer;
    const { done, value } = laterAnswers.next();
    return done ? answer : value;
  });
}
