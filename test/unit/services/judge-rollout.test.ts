import { expect, test } from 'vitest';
import type { Measured, Rollout } from '../../../events/rollout.ts';
import { judgeRollout, type RolloutLook } from '../../../functions/services/probe/rollouts/judge-rollout.ts';
import { healthOf, offerOf } from '../../helpers/offers.ts';

const STARTED_AT = 1_000_000;
const EVERY_SECONDS = 300;
const DUE = STARTED_AT + EVERY_SECONDS * 1_000;

const rolloutOf = (rest: Partial<Rollout> = {}): Rollout => ({
  ...{ to: 'sentiment-v2', version: '2.0.0', steps: [10, 50, 100], everySeconds: EVERY_SECONDS },
  ...{ startedAt: STARTED_AT, step: 0, since: STARTED_AT, state: 'running' },
  before: { 'sentiment-v1': 100, 'sentiment-v2': 0 },
  ...rest,
});

const did = (rest: Partial<Measured> = {}): Measured => ({ attempts: 100, failed: 0, p50Ms: 20, p95Ms: 80, ...rest });

const lookAt = (rest: Partial<RolloutLook> = {}): RolloutLook => ({
  now: DUE,
  offer: offerOf('sentiment-v2', { version: '2.0.0', health: healthOf() }),
  newer: did(),
  older: did({ attempts: 900 }),
  ...rest,
});

test('a step that has lasted long enough, with enough attempts and no worse, is followed by the next one', () => {
  expect(judgeRollout(rolloutOf(), lookAt())).toMatchObject({ state: 'running', step: 1, since: DUE, seen: undefined });
  expect(judgeRollout(rolloutOf({ step: 1 }), lookAt())).toMatchObject({ state: 'running', step: 2 });
});

test('the last step is watched as long as the others, and then it is done', () => {
  const last = rolloutOf({ step: 2 });

  expect(judgeRollout(last, lookAt({ now: DUE - 1 }))).toMatchObject({ state: 'running', step: 2 });
  expect(judgeRollout(last, lookAt())).toMatchObject({ state: 'done', step: 2 });
});

test.each<[string, Partial<RolloutLook>]>([
  ['it has not lasted long enough', { now: DUE - 1 }],
  ['there were too few attempts', { newer: did({ attempts: 19 }) }],
  ['there were too few attempts, even if all failed', { newer: did({ attempts: 19, failed: 19 }) }],
  ['the last look was bad', { offer: offerOf('sentiment-v2', { version: '2.0.0', health: healthOf({ isBad: true }) }) }],
])('a step goes on while %s', (_case, look) => {
  expect(judgeRollout(rolloutOf(), lookAt(look))).toMatchObject({ state: 'running', step: 0, since: STARTED_AT });
});

test.each<[string, Partial<RolloutLook>, string]>([
  ['more attempts fail', { newer: did({ failed: 6 }) }, '6 of 100 attempts failed; of the others 0 of 900 attempts failed'],
  [
    'more fail than of others that fail, too',
    { newer: did({ failed: 26 }), older: did({ failed: 20 }) },
    '26 of 100 attempts failed; of the others 20 of 100 attempts failed',
  ],
  [
    'more fail, and there is nobody to compare with',
    { newer: did({ failed: 6 }), older: { attempts: 0, failed: 0 } },
    '6 of 100 attempts failed; of the others nobody handled anything',
  ],
  ['it takes longer', { newer: did({ p95Ms: 371 }) }, 'its p95 is 371 ms; that of the others is 80 ms'],
  [
    'it usually takes longer, as far as a few attempts tell',
    { newer: did({ attempts: 99, p50Ms: 281 }) },
    'its median is 281 ms; that of the others is 20 ms',
  ],
  [
    'the probe ejects it',
    {
      newer: did({ attempts: 5, failed: 5 }),
      offer: offerOf('sentiment-v2', { version: '2.0.0', health: healthOf({ ejectedUntil: DUE + 1, reason: 'messages wait' }) }),
    },
    'it is not healthy: messages wait',
  ],
])('it is rolled back as soon as %s', (_case, look, reason) => {
  for (const state of ['running', 'paused'] as const)
    expect(judgeRollout(rolloutOf({ state }), lookAt({ now: STARTED_AT + 1, ...withNow(look) }))).toMatchObject({
      state: 'rolling-back',
      reason,
    });
});

/** The ejection is judged at the time of the look. */
const withNow = (look: Partial<RolloutLook>): Partial<RolloutLook> => (look.offer === undefined ? look : { ...look, now: DUE });

test.each<[string, Partial<RolloutLook>]>([
  ['a few more fail', { newer: did({ failed: 5 }) }],
  ['it takes a little longer', { newer: did({ p95Ms: 370 }) }],
  ['it has some cold starts among a few attempts', { newer: did({ attempts: 99, p95Ms: 2_000 }) }],
  ['it takes longer than others of whom too little is known', { newer: did({ p95Ms: 9_000 }), older: did({ attempts: 19 }) }],
  ['both fail alike: it is the day', { newer: did({ failed: 40 }), older: did({ failed: 40 }) }],
])('it is not rolled back because %s', (_case, look) => {
  expect(judgeRollout(rolloutOf(), lookAt(look))).toMatchObject({ state: 'running', step: 1 });
});

test('one that is paused stays in its step, and shows what is seen', () => {
  expect(judgeRollout(rolloutOf({ state: 'paused' }), lookAt())).toMatchObject({
    ...{ state: 'paused', step: 0, since: STARTED_AT },
    seen: { at: DUE, newer: did(), older: did({ attempts: 900 }) },
  });
});

test('a version that is deployed in the middle is measured anew', () => {
  const offer = offerOf('sentiment-v2', { version: '2.0.1', health: healthOf() });

  expect(judgeRollout(rolloutOf({ step: 1 }), lookAt({ offer }))).toMatchObject({
    state: 'running',
    step: 1,
    since: DUE,
    version: '2.0.1',
  });
});

test.each(['done', 'rolled-back', 'rolling-back'] as const)('one that is %s is left alone', (state) => {
  const rollout = rolloutOf({ state });

  expect(judgeRollout(rollout, lookAt({ newer: did({ failed: 100 }) }))).toBe(rollout);
});
