import { describe, expect, it } from 'vitest';
import { continueTrace, traceparentOf } from '../../../functions/runtime/traceparent.ts';
import { MemoryPorts } from '../../helpers/memory-ports.ts';

const { entropy } = new MemoryPorts();
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';

describe('continueTrace', () => {
  it.each([
    ['01', true],
    ['00', false],
    ['ff', true],
  ])("goes on with the sender's trace and its sampling, flags %s", (flags, sampled) => {
    const trace = continueTrace(`00-${TRACE_ID}-${SPAN_ID}-${flags}`, entropy, 1 - Number(sampled));

    expect(trace).toEqual({ traceId: TRACE_ID, spanId: expect.stringMatching(/^[0-9a-f]{16}$/), parentSpanId: SPAN_ID, sampled });
    expect(trace.spanId).not.toBe(SPAN_ID);
  });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['a span id of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['the version that is forbidden', `ff-${TRACE_ID}-${SPAN_ID}-01`],
    ['capitals', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
    ['more than there should be', `00-${TRACE_ID}-${SPAN_ID}-01-`],
  ])('begins a trace for %s', (_what, traceparent) => {
    const trace = continueTrace(traceparent, entropy, 1);

    expect(trace).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/), parentSpanId: undefined, sampled: true });
    expect(trace.traceId).not.toBe(TRACE_ID);
    expect(continueTrace(traceparent, entropy, 0).sampled).toBe(false);
  });

  it('is what the next one goes on with', () => {
    const trace = continueTrace(undefined, entropy, 1);

    const next = continueTrace(traceparentOf(trace), entropy, 0);

    expect(next).toMatchObject({ traceId: trace.traceId, parentSpanId: trace.spanId, sampled: true });
  });
});
