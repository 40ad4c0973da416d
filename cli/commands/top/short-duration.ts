import { age } from '../failed/age.ts';

/** E.g. `12ms`, `1.4s`, `48s`, `3m 20s`. */
export function shortDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)}ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1_000).toFixed(1)}s`;
  return age(Math.round(milliseconds / 1_000) * 1_000);
}
