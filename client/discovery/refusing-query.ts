import { InvalidQueryError } from '../errors.ts';

/** Runs what looks for agents. @throws InvalidQueryError for a range of versions, a latency or a limit that is none */
export function refusingQuery<Found>(find: () => Found): Found {
  try {
    return find();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InvalidQueryError(cause.message, { cause });
  }
}
