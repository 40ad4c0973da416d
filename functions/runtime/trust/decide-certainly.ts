import type { AccessRecord } from '../../../events/access-record.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { AccessCache } from './access-cache.ts';
import { OUTAGE_BASE_SECONDS } from './outage.ts';
import { Refusal } from './refusal.ts';

/**
 * Decides on the access record that the process has. Before it refuses, it decides again on the registry's own state: the sender may have
 * been added since.
 *
 * @returns the decision, or the refusal that `decide` has thrown
 * @throws Interrupted when the registry cannot be read, or `decide` fails otherwise
 */
export async function decideCertainly<Result>(
  access: Pick<AccessCache, 'current' | 'certain'>,
  decide: (record: AccessRecord) => Result | Promise<Result>,
): Promise<Result | Refusal> {
  const current = await access.current();
  const first = await attempt(decide, current);
  if (!(first instanceof Refusal)) return first;
  const certain = await access.certain();
  return certain === current ? first : await attempt(decide, certain);
}

/** An error of the mesh is not the message's fault, so it is recorded under no id. */
async function attempt<Result>(
  decide: (record: AccessRecord) => Result | Promise<Result>,
  record: AccessRecord,
): Promise<Result | Refusal> {
  try {
    return await decide(record);
  } catch (error) {
    if (error instanceof Refusal) return error;
    if (error instanceof Interrupted) throw error;
    throw new Interrupted('the sender could not be verified', { cause: error, baseDelaySeconds: OUTAGE_BASE_SECONDS });
  }
}
