import type { AccessRecord } from '../../../events/access-record.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Clock, Logger, Registry } from '../ports.ts';
import { OUTAGE_BASE_SECONDS } from './outage.ts';

interface AccessPorts {
  readonly registry: Registry;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
}

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
  readonly #ports: AccessPorts;
  #record: AccessRecord | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #isConsistent = false;
  #triedAt = Number.NEGATIVE_INFINITY;
  #reading: { readonly consistent: boolean; readonly beganAt: number; readonly answer: Promise<AccessRecord> } | undefined;

  constructor(agentId: string, ports: AccessPorts) {
    this.#agentId = agentId;
    this.#ports = ports;
  }

  /** @throws Interrupted when there is no record that may still be used */
  async current(): Promise<AccessRecord> {
    const now = this.#ports.clock.now();
    if (this.#record === undefined || now - this.#readAt >= USABLE_MS) return await this.#read(true);
    // A read beside the work fails no message: those that need it read again, and meet the error.
    if (now - this.#readAt >= FRESH_MS && now - this.#triedAt >= FRESH_MS) {
      this.#read(false).catch((error: unknown) => {
        const readAt = new Date(this.#readAt).toISOString();
        this.#ports.logger.warn('the access record could not be read again; the last one is used', { error, readAt });
      });
    }
    return this.#record;
  }

  /** A record that has every change up to a second ago, for a refusal. @throws Interrupted when it cannot be read now */
  async certain(): Promise<AccessRecord> {
    const isCertain = this.#isConsistent && this.#ports.clock.now() - this.#readAt < CERTAIN_MS;
    if (this.#record !== undefined && isCertain) return this.#record;
    return await this.#read(true);
  }

  /** Resolves when nothing is being read. Never rejects. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#reading?.answer]);
  }

  /** The messages of a batch share a read. A slow one that an earlier batch began may bring a record that is too old for a refusal. */
  #read(consistent: boolean): Promise<AccessRecord> {
    const beganAt = this.#ports.clock.now();
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
    const beganAt = this.#ports.clock.now();
    this.#triedAt = beganAt;
    let record: AccessRecord | undefined;
    try {
      record = await this.#ports.registry.readAccess(this.#agentId, consistent);
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
