import { InvalidArgumentError } from 'commander';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Parses an option that takes a duration: `90s`, `5m`, `2h`, `1d`. @returns milliseconds */
export function durationOption(value: string): number {
  const [, count, unit = ''] = /^(\d{1,5})([smhd])$/.exec(value) ?? [];
  const size = UNITS.get(unit);
  if (count === undefined || size === undefined) throw new InvalidArgumentError('Give a whole number and its unit: 90s, 5m, 2h or 1d.');
  return Number(count) * size;
}
