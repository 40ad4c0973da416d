import type { MeshName } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import { endedRollout, isUnderWay, type Rollout } from '../../events/rollout.ts';
import type { AwsClients } from '../aws-clients.ts';
import { RolloutError } from '../errors.ts';
import { currentRollout, offeringAgents } from './offering-agents.ts';
import { setWeights } from './set-weights.ts';
import { writeRollout } from './update-offer.ts';

/** What an operator may do with a rollout that is under way. */
export type RolloutChange = 'pause' | 'resume' | 'abort';

/** The probe may write at the same moment. */
const TRIES = 5;

/** Changes the rollout that is under way. @throws InvalidQueryError, RolloutError, MissingTableError */
export async function changeRollout(aws: AwsClients, mesh: MeshName, capability: string, change: RolloutChange): Promise<Rollout> {
  const table = { dynamodb: aws.dynamodb, table: offersTableName(mesh) };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const current = currentRollout(await offeringAgents(aws, mesh, capability));
    if (current?.rollout === undefined || !isUnderWay(current.rollout))
      throw new RolloutError(`no rollout of '${capability}' is under way`, {
        remedy: `Begin one: npx posthorn rollout ${capability} --to <agent> --steps 10,50,100.`,
      });
    const changed = CHANGES[change](current.rollout);
    const key = { capability, agent: current.offer.agent };
    if (!(await writeRollout(table, key, changed, current.written))) continue;
    if (changed.state !== 'rolling-back') return changed;
    await setWeights(table, { ...key, weights: new Map(Object.entries(changed.before)) });
    const ended = endedRollout(changed, 'rolled-back');
    // If the probe was faster, it has written the same.
    await writeRollout(table, key, ended, JSON.stringify(changed));
    return ended;
  }
  throw new RolloutError(`the rollout of '${capability}' changed again and again`, { remedy: 'Try again.' });
}

const CHANGES: Readonly<Record<RolloutChange, (rollout: Rollout) => Rollout>> = {
  pause: (rollout) => ({ ...rollout, state: rollout.state === 'running' ? 'paused' : rollout.state }),
  resume: (rollout) => ({ ...rollout, state: rollout.state === 'paused' ? 'running' : rollout.state }),
  abort: (rollout) => ({ ...rollout, state: 'rolling-back', reason: rollout.reason ?? 'an operator aborted it' }),
};
