import { setTimeout } from 'node:timers/promises';

/** Only for hangs. It is below a test's limit, so that the error names the awaited condition. */
export const HANG_SECONDS = 240;

/**
 * Waits for something that nothing announces: asks again until there is an answer.
 *
 * @returns the first answer that is not `undefined` or `false`
 * @param seconds @default 240
 * @throws Error naming the awaited condition, with the state from `describe`
 */
export async function until<Answer>(
  what: string,
  ask: () => Answer | undefined | false | Promise<Answer | undefined | false>,
  { seconds = HANG_SECONDS, describe = () => '' }: { readonly seconds?: number; readonly describe?: () => string } = {},
): Promise<Answer> {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}${describe() && ` (${describe()})`}`);
    await setTimeout(50);
  }
}
