/**
 * When a trace of X-Ray began, in its id, as hexadecimal seconds. Segments leave the process after the invocation that they describe, so those
 * of the warm-up may arrive when counting has begun: by this the stub tells them apart.
 */
export const traceEpoch = { warmUp: '6926e9bf', counted: '6926e9c0' } as const;
