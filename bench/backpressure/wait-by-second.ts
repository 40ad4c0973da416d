import type { PlantAgent, PlantSecond } from './plant.ts';

/**
 * How long a message that came to the agent in each second had to wait there, in seconds: from the order in which it handled them. A
 * message that still waits at the end counts as if the agent went on as in its last second; `undefined` if that is not at all.
 */
export function waitBySecond(seconds: readonly PlantSecond[], { id, capacity }: PlantAgent): readonly (number | undefined)[] {
  const handledBy: number[] = [];
  for (const { handled } of seconds) handledBy.push((handledBy.at(-1) ?? 0) + (handled.get(id) ?? 0));
  const end = seconds.length - 1;
  const rate = capacity(seconds[end]?.second ?? 0);
  let until = 0;
  return seconds.map(({ arrived }, index) => {
    const before = arrived.get(id) ?? 0;
    until = Math.max(until, index);
    while (until < end && (handledBy[until] ?? 0) < before) until++;
    const left = before - (handledBy[until] ?? 0);
    if (left <= 0) return until - index;
    return rate === 0 ? undefined : end - index + left / rate;
  });
}
