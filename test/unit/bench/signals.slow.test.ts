import { beforeAll, expect, test } from 'vitest';
import { assumptions } from '../../../bench/cost/assumptions.ts';
import { measureSignals, type SignalsFigures } from '../../../bench/signals/measure-signals.ts';

// Counts, which are the same on a busy machine; of CPU nothing.

let figures: ReadonlyMap<string, SignalsFigures>;

beforeAll(async () => {
  const measured = await measureSignals({ rounds: 1, warmUpBatches: 2, batches: 10, onProgress: () => undefined });
  figures = new Map(measured.map((each) => [each.name, each]));
});

const of = (name: string): SignalsFigures => figures.get(name) ?? expect.fail(`no figures of '${name}'`);

test('an exported trace is one request more for each invocation, and none where nothing is sampled', () => {
  const requests = (name: string) => of(name).requestsPerTen;

  expect(['100%', '10%', '0%'].map((share) => requests(`posthorn, journeys ${share}`))).toEqual([4, 4, 4]);
  expect(['100%', '10%', '0%'].map((share) => requests(`posthorn, journeys and traces ${share}`))).toEqual([5, 5, 4]);
});

test('the spans of a message have the size that the model of the costs assumes, and grow by no quarter', () => {
  const bytes = (share: string) => of(`posthorn, journeys and traces ${share}`).wireBytes - of(`posthorn, journeys ${share}`).wireBytes;

  expect(bytes('100%')).toBeGreaterThan(assumptions.spanBytes / 1.25);
  expect(bytes('100%')).toBeLessThan(assumptions.spanBytes * 1.25);
  expect(bytes('10%')).toBeLessThan(assumptions.spanBytes * 0.2);
  expect(Math.abs(bytes('0%'))).toBeLessThan(assumptions.spanBytes * 0.02);
});

test('an indexed journey is a write unit more for each message', () => {
  expect(of('posthorn, journeys 100%').writeUnits).toBeCloseTo(2.1, 5);
  expect(of('posthorn, journeys 0%').writeUnits).toBeCloseTo(1.1, 5);
  expect(of('posthorn, journeys 10%').writeUnits).toBeLessThan(1.6);
});

test('the peer sends its segments with Tracer, those that are sampled, and none with Metrics alone', () => {
  const datagrams = (name: string) => of(`powertools, ${name}`).datagramsPerTen;

  // One for each invocation, and one for each of its 30 calls of AWS. UDP may lose some, the last may be on their way, and none of the
  // warm-up counts.
  expect(datagrams('Metrics and Tracer 100%')).toBeGreaterThan(25);
  expect(datagrams('Metrics and Tracer 100%')).toBeLessThanOrEqual(31);
  expect(datagrams('Metrics and Tracer 10%')).toBeGreaterThan(0);
  expect(datagrams('Metrics and Tracer 10%')).toBeLessThanOrEqual(3.1);
  expect([datagrams('Metrics and Tracer 0%'), datagrams('Metrics')]).toEqual([0, 0]);
});
