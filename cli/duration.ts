import { age } from './age.ts';

/** A duration for people: `12 ms`, `3.4 s`, `2m 5s`, `3d 4h`. */
export function duration(milliseconds: number): string {
  const positive = Math.max(0, Math.round(milliseconds));
  if (positive < 1_000) return `${positive} ms`;
  if (positive < 59_950) return `${(positive / 1_000).toFixed(positive < 9_995 ? 2 : 1)} s`;
  return age(positive);
}
