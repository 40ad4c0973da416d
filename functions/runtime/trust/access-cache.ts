import type { AccessRecord } from '../../../events/access-record.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Clock, Registry } from '../ports.ts';
import { OUTAGE_BASE_SECONDS } from './outage.ts';

/** For so long the record is used as it was read. */
const FRESH_MS = 10_000;

/** For so long the last record is used while the registry cannot be read. */
const USABLE_MS = 300_000;

/** A refusal is decided on a record that is no older. */
const CERTAIN_MS = 1_000;

/**
 * An agent's access record in this process. A warm process uses the record that it has, and reads the next one beside its work; a
 * process that has none waits for it.
 */
export class AccessCache {
  readonly #agentId: string;
  readonly #registry: Registry;
  readonly #clock: Pick<Clock, 'now'>;
  #record: AccessRecord | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #isConsistent = false;
  #triedAt = Number.NEGATIVE_INFINITY;
  #reading: { readonly consistent: boolean; readonly beganAt: number; readonly answer: Promise<AccessRecord> } | undefined;

  constructor(agentId: string, registry: Registry, clock: Pick<Clock, 'now'>) {
    this.#agentId = agentId;
    this.#registry = registry;
    this.#clock = clock;
  }

  /** @throws Interrupted when there is no record that may still be used */
  async current(): Promise<AccessRecord> {
    const now = this.#clock.now();
    if (this.#record === undefined || now - this.#readAt >= USABLE_MS) return await this.#read(true);
    // A read beside the work may fail: the messages that need it read again, and meet the error.
    if (now - this.#readAt >= FRESH_MS && now - this.#triedAt >= FRESH_MS) this.#read(false).catch(() => undefined);
    return this.#record;
  }

  /** A record that has every change up to a second ago, for a refusal. @throws Interrupted when it cannot be read now */
  async certain(): Promise<AccessRecord> {
    const isCertain = this.#isConsistent && this.#clock.now() - this.#readAt < CERTAIN_MS;
    if (this.#record !== undefined && isCertain) return this.#record;
    return await this.#read(true);
  }

  /** Resolves when nothing is being read. Never rejects. */
  async idle(): Promise<void> {
    await this.#reading?.answer.catch(() => undefined);
  }

  /** The messages of a batch share a read. A slow one that an earlier batch began may bring a record that is too old for a refusal. */
  #read(consistent: boolean): Promise<AccessRecord> {
    const beganAt = this.#clock.now();
    const current = this.#reading;
    const isCertain = current?.consistent === true && beganAt - current.beganAt < CERTAIN_MS;
    if (current !== undefined && (isCertain || !consistent)) return current.answer;
    const reading = { consistent, beganAt, answer: this.#request(consistent) };
    this.#reading = reading;
    const done = () => {
      if (this.#reading === reading) this.#reading = undefined;
    };
    reading.answer.then(done, done);
    return reading.answer;
  }

  async #request(consistent: boolean): Promise<AccessRecord> {
    const beganAt = this.#clock.now();
    this.#triedAt = beganAt;
    let record: AccessRecord | undefined;
    try {
      record = await this.#registry.readAccess(this.#agentId, consistent);
    } catch (cause) {
      throw new Interrupted(`the registry could not be read for agent '${this.#agentId}'`, {
        cause,
        baseDelaySeconds: OUTAGE_BASE_SECONDS,
      });
    }
    if (record === undefined) throw new Interrupted(`the registry has no access record of agent '${this.#agentId}' yet`);
    // Of two reads under way, the one that began later knows more.
    if (beganAt >= this.#readAt) {
      this.#record = record;
      this.#readAt = beganAt;
      this.#isConsistent = consistent;
    }
    return record;
  }
}
