import { isDeepStrictEqual } from 'node:util';
import { currentRollout } from '../../../../client/rollouts/offering-agents.ts';
import type { OperatedOffer } from '../../../../client/rollouts/operated-offer.ts';
import { shiftedWeights } from '../../../../client/rollouts/shifted-weights.ts';
import { totalsSince } from '../../../../events/metrics-record.ts';
import { endedRollout, isUnderWay, type Measured, ROLLED_BACK_MESSAGE, type Rollout, shareOf } from '../../../../events/rollout.ts';
import type { Snapshot } from '../../../../events/snapshot.ts';
import type { ProbePorts } from '../probe-ports.ts';
import { judgeRollout } from './judge-rollout.ts';
import { measured } from './measured.ts';

export type RolloutPorts = Pick<ProbePorts, 'firstSince' | 'setWeight' | 'writeRollout' | 'now' | 'logger'>;

interface Tended {
  readonly capability: string;
  /** All offers of the capability. */
  readonly offers: readonly OperatedOffer[];
  /** By agent: the snapshots of this run. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
}

/**
 * Looks at the rollout of a capability: advances it, rolls it back, or leaves it where it is. It brings the weights in line in each run, so
 * that a run which ends in the middle is completed by the next one. What changes at the same moment by another hand is left to that one.
 */
export async function tendRollout({ capability, offers, snapshots }: Tended, ports: RolloutPorts): Promise<void> {
  const current = currentRollout(offers);
  await endOthers({ capability, offers, snapshots }, current, ports);
  if (current?.rollout === undefined || !isUnderWay(current.rollout)) return;
  const { rollout, offer } = current;
  const others = offers.flatMap(({ offer: { agent } }) => (agent !== offer.agent && (rollout.before[agent] ?? 0) > 0 ? [agent] : []));
  const [newer, older] = await Promise.all([
    measuredSince(rollout.since, [offer.agent], snapshots, ports),
    measuredSince(rollout.since, others, snapshots, ports),
  ]);
  const judged = judgeRollout(rollout, { now: ports.now(), offer, newer, older });
  const key = { capability, agent: offer.agent };
  const isChanged = !isDeepStrictEqual(judged, rollout);
  const kept = judged.state === 'done' ? endedRollout(judged, 'done') : judged;
  if (isChanged && !(await ports.writeRollout(key, kept, current.written))) return;
  logChange(capability, rollout, judged, ports);
  await bringWeightsInLine(capability, offers, judged, ports);
  if (judged.state !== 'rolling-back') return;
  await ports.writeRollout(key, endedRollout(judged, 'rolled-back'), isChanged ? JSON.stringify(judged) : current.written);
}

/** Two operators began at the same moment: one of them has the weights. */
async function endOthers({ capability, offers }: Tended, current: OperatedOffer | undefined, ports: RolloutPorts): Promise<void> {
  for (const { offer, rollout, written } of offers) {
    if (rollout === undefined || !isUnderWay(rollout) || offer.agent === current?.offer.agent) continue;
    const reason = `another one began before it, to '${current?.offer.agent}'`;
    await ports.writeRollout({ capability, agent: offer.agent }, { ...endedRollout(rollout, 'rolled-back'), reason }, written);
  }
}

/** What agents did since then, as far as there are snapshots of it. */
async function measuredSince(
  since: number,
  agents: readonly string[],
  snapshots: ReadonlyMap<string, Snapshot>,
  ports: RolloutPorts,
): Promise<Measured> {
  const totals = await Promise.all(
    agents.map(async (agent) => {
      const now = snapshots.get(agent);
      const then = now && (await ports.firstSince(agent, since));
      return now && then ? [totalsSince(now.totals, then.totals)] : [];
    }),
  );
  return measured(totals.flat());
}

async function bringWeightsInLine(
  capability: string,
  offers: readonly OperatedOffer[],
  rollout: Rollout,
  ports: RolloutPorts,
): Promise<void> {
  for (const [agent, weight] of weightsOf(offers, rollout)) {
    const now = offers.find(({ offer }) => offer.agent === agent)?.offer.weight;
    if (now !== undefined && now !== weight) await ports.setWeight({ capability, agent }, weight);
  }
}

/** Agents that came since keep the weight that they have. */
function weightsOf(offers: readonly OperatedOffer[], rollout: Rollout): ReadonlyMap<string, number> {
  const before = offers.map(({ offer: { agent, weight } }) => ({ agent, weight: rollout.before[agent] ?? weight }));
  if (rollout.state === 'rolling-back') return new Map(before.map(({ agent, weight }) => [agent, weight]));
  return shiftedWeights(before, rollout.to, shareOf(rollout));
}

function logChange(capability: string, last: Rollout, { to, state, reason, steps, step }: Rollout, { logger }: RolloutPorts): void {
  if (step === last.step && state === last.state) return;
  const fields = { capability, to, share: steps[step], step: step + 1, steps: steps.length };
  if (state === 'rolling-back') logger.warn(ROLLED_BACK_MESSAGE, { ...fields, reason });
  else logger.info(state === 'done' ? 'a rollout is done' : 'a rollout has reached its next step', fields);
}
