import { edit, type Mutant, mutantsOf } from './mutant.ts';

const PRODUCER = '../../client/producer';
const SEND = '../../client/send';
const PROBE = '../services/probe';
const MEASURED_LOAD = '../../client/metrics/measured-load.ts';

/** Where the search begins, if not at the first seed. */
const FIRST_SEEDS = {
  'failed-reading-stops-lane': 18,
  'older-reading-believed': 3,
  'turn-given-to-aborted': 17,
  'closed-before-answers': 5,
  'stall-not-seen': 4,
  'idle-is-stalled': 6,
  'capacity-forgotten': 12,
  'flush-ignores-waiting': 3,
  'first-reading-not-awaited': 3,
  'bucket-refills-too-fast': 3,
  'stall-not-a-trickle': 3,
  'downstream-ignored': 5,
  'unseen-agent-forgotten': 5,
};
const mutant = mutantsOf(FIRST_SEEDS, { hasBackpressure: true });

/** Breaks of what clients send by, and of what the probe tells it. */
export const BACKPRESSURE_MUTANTS: readonly Mutant[] = [
  // The producer
  mutant(
    'resolves-before-sqs',
    edit(`${PRODUCER}/lane.ts`, 'this.#waiting.push(waiting);', "this.#waiting.push(waiting);\n    resolve('');"),
  ),
  mutant('partial-failure-resolves', edit(`${PRODUCER}/lane.ts`, 'reject(result.error);', "resolve('');")),
  mutant('aborted-still-sent', edit(`${PRODUCER}/lane.ts`, 'if (place >= 0) this.#waiting.splice(place, 1);', '')),
  mutant('listener-left', edit(`${PRODUCER}/lane.ts`, "signal?.removeEventListener('abort', abort);", '')),
  mutant(
    'hang-after-refused-requests',
    edit(
      `${PRODUCER}/lane.ts`,
      'for (const { reject } of batch) reject(error);',
      'for (const { reject } of batch) reject(error);\n          this.#requests++;',
    ),
  ),
  mutant(
    'first-reading-not-awaited',
    edit(`${PRODUCER}/governed-pacing.ts`, 'await this.#following;', 'this.#following.catch(() => undefined);'),
    edit(`${PRODUCER}/governed-pacing.ts`, 'this.#bucket?.take(wanted, now) ?? 0', 'this.#bucket?.take(wanted, now) ?? wanted'),
  ),
  mutant('failed-reading-stops-lane', edit(`${PRODUCER}/governed-pacing.ts`, 'this.#follow(undefined);', '')),
  mutant(
    'older-reading-believed',
    edit(`${PRODUCER}/governed-pacing.ts`, 'reading !== undefined && reading.at > (this.#pace.reading?.at ?? 0)', 'reading !== undefined'),
  ),
  mutant(
    'turn-not-given-back',
    edit(
      `${PRODUCER}/mesh-producer.ts`,
      `      return await work();
    } finally {
      turns.giveBack();
    }`,
      `      const result = await work();
      turns.giveBack();
      return result;
    } finally {
    }`,
    ),
  ),
  mutant('turn-given-to-aborted', edit(`${PRODUCER}/turns.ts`, `      this.#waiting.delete(resolve);\n      reject(`, '      reject(')),
  mutant('flush-ignores-waiting', edit(`${PRODUCER}/mesh-producer.ts`, 'Promise.allSettled([...this.#unresolved])', 'Promise.resolve()')),
  mutant('closed-before-answers', edit(`${PRODUCER}/lane.ts`, 'this.#closing.abort(reason);', '')),
  mutant('bucket-refills-too-fast', edit(`${PRODUCER}/token-bucket.ts`, '/ 1_000) * this.#perSecond);', '/ 500) * this.#perSecond);')),
  // The governor
  mutant(
    'stall-not-a-trickle',
    edit(`${PRODUCER}/governor.ts`, 'if (slowest?.drainRatio === 0) return next(TRICKLE_PER_SECOND, { wasStalled: true });', ''),
  ),
  mutant(
    'downstream-ignored',
    edit(
      `${PRODUCER}/governor.ts`,
      'const slowest = slowestOf(OWN, reading);',
      'const slowest = slowestOf(OWN, { ...reading, downstream: undefined });',
    ),
  ),
  mutant('rate-above-drain', edit(`${PRODUCER}/governor.ts`, 'Math.min(rate, drain * MAX_EXCESS)', 'rate * 2')),
  // What is sent
  mutant('sender-faults-retried', edit(`${SEND}/deliver.ts`, 'Failed.filter(({ SenderFault }) => SenderFault !== true)', 'Failed')),
  mutant('failed-entries-not-retried', edit(`${SEND}/deliver.ts`, 'retries: RETRIES,', 'retries: 0,')),
  mutant(
    'producers-tenant-lost',
    edit(`${SEND}/group-of.ts`, 'return tenant === undefined ? {} : { MessageGroupId: tenant };', 'return {};'),
  ),
  mutant(
    'one-failure-ends-all',
    edit(
      `${SEND}/send-each.ts`,
      'error instanceof InvalidEventError || error instanceof NotSentError',
      'error instanceof InvalidEventError',
    ),
  ),
  // The probe
  mutant('stall-not-seen', edit(MEASURED_LOAD, 'last.queues.inbox.visible > 0 && backlog > 0 && (', 'false && (')),
  mutant('idle-is-stalled', edit(MEASURED_LOAD, 'last.queues.inbox.visible > 0 && backlog > 0 && (', '(')),
  mutant('rejected-not-drained', edit(MEASURED_LOAD, 'processed + rejected + deadLettered;', 'processed + deadLettered;')),
  mutant(
    'dead-lettered-is-handled',
    edit(
      MEASURED_LOAD,
      '({ counters: { processed, rejected } }: MetricsTotals): number => processed + rejected;',
      '({ counters: { processed, rejected, deadLettered } }: MetricsTotals): number => processed + rejected + deadLettered;',
    ),
  ),
  mutant(
    'only-direct-calls',
    edit(`${PROBE}/spread-loads.ts`, 'for (const id of below) for (const next of callsOf(id)) below.add(next);', ''),
  ),
  mutant('unseen-agent-forgotten', edit(`${PROBE}/probe.ts`, 'last?.load === undefined ? [] : [[id, last.load]]', '[]')),
  mutant(
    'capacity-forgotten',
    edit(`${PROBE}/brakes.ts`, 'measured.capacityPerSecond ?? last?.capacityPerSecond', 'measured.capacityPerSecond'),
  ),
  mutant('brake-begins-anew', edit(`${PROBE}/brakes.ts`, 'last?.brakedSince ?? reading.at', 'reading.at')),
  {
    ...mutant('ejected-agent-brakes', edit(`${PROBE}/callees.ts`, 'weighted.filter((offer) => !isEjected(offer, now))', 'weighted')),
    firstSeed: 17,
    world: { hasBackpressure: true, hasDiscovery: true },
  },
];
