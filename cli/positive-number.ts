import { InvalidArgumentError } from 'commander';

/** Parses an option that takes a count. */
export function positiveNumber(value: string): number {
  const parsed = Number(value);
  if (Number.isInteger(parsed) && parsed >= 1 && parsed <= 100_000) return parsed;
  throw new InvalidArgumentError('Give a whole number from 1 to 100000.');
}
