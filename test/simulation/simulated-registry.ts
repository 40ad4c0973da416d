import type { AccessRecord, Principal } from '../../events/access-record.ts';
import type { Issuer } from '../../events/issuer.ts';
import { arnOf, PARTNER, principalId, SENDER_POLICIES } from './senders.ts';
import type { World } from './world.ts';

/** Without permission, the partner is not registered at all, or no rule allows what it does. */
type Permission = 'allowed' | 'unregistered' | 'ungranted';

/** A read that is not consistent may be so old. */
const MAX_STALENESS_MS = 30_000;

/** The registry's table: an access record for each agent. The partner's permission comes and goes. */
export class SimulatedRegistry {
  readonly #world: World;
  readonly #changes: { readonly at: number; readonly permission: Permission }[] = [];
  readonly #records = new Map<string, AccessRecord>();
  readonly #emptyUntil = new Map<string, number>();
  readonly #issuers: readonly Issuer[];
  #outages = 0;

  constructor(world: World, agents: readonly string[], issuers: readonly Issuer[]) {
    this.#world = world;
    this.#issuers = issuers;
    const { scheduler, faults, timing } = world;
    for (const agent of agents) {
      if (faults.happens('registry-empty-at-start')) this.#emptyUntil.set(agent, scheduler.now + timing.integer(1_000, 60_000));
    }
    for (let outage = 0; outage < 3; outage++) if (faults.happens('registry-outage')) this.#planOutage();
    if (faults.happens('permission-changes')) this.#changeLater(timing.integer(5, 80));
  }

  /** Whether it answers nobody now. */
  get isOut(): boolean {
    return this.#outages > 0;
  }

  /** @param isStale whether the answer may be one from before */
  read(agent: string, isStale: boolean): AccessRecord | undefined {
    const { scheduler, timing } = this.#world;
    if (scheduler.now < (this.#emptyUntil.get(agent) ?? 0)) return undefined;
    const at = isStale ? scheduler.now - timing.integer(0, MAX_STALENESS_MS) : scheduler.now;
    const permission = this.#changes.findLast((change) => change.at <= at)?.permission ?? 'allowed';
    const key = `${agent} ${permission}`;
    const record = this.#records.get(key) ?? recordOf(agent, permission, this.#issuers);
    this.#records.set(key, record);
    return record;
  }

  /** Of seconds, which warm processes bridge, up to longer than all receives of a message take. */
  #planOutage(): void {
    const { scheduler, timing } = this.#world;
    scheduler.after(timing.integer(0, 120_000), () => {
      this.#outages++;
      scheduler.after(timing.chance(0.7) ? timing.integer(1_000, 120_000) : timing.integer(120_000, 3_000_000), () => this.#outages--);
    });
  }

  #changeLater(left: number): void {
    const { scheduler, timing, note } = this.#world;
    scheduler.after(timing.chance(0.8) ? timing.integer(500, 20_000) : timing.integer(20_000, 400_000), () => {
      const isAllowed = (this.#changes.at(-1)?.permission ?? 'allowed') === 'allowed';
      const permission = isAllowed ? (timing.chance(0.5) ? 'unregistered' : 'ungranted') : 'allowed';
      this.#changes.push({ at: scheduler.now, permission });
      note({ what: 'permitted', principal: principalId(PARTNER), isAllowed: permission === 'allowed' });
      if (left > 1) this.#changeLater(left - 1);
    });
  }
}

function recordOf(agent: string, permission: Permission, issuers: readonly Issuer[]): AccessRecord {
  const principals = Object.entries(SENDER_POLICIES)
    .filter(([, { isRevocable }]) => !isRevocable || permission !== 'unregistered')
    .map(([id, { source, mayRedrive, isRevocable }]): [string, Principal] => {
      const allowed: Record<string, string> = mayRedrive ? { redrive: 'role:operator' } : { handle: 'role:sender' };
      const grants = isRevocable && permission === 'ungranted' ? {} : allowed;
      return [id, { name: `producer:${id}`, sources: [source], onBehalfOf: false, arn: arnOf(id), grants }];
    });
  return { agent, actions: {}, principals: Object.fromEntries(principals), tokenHolders: [], issuers: [...issuers] };
}
