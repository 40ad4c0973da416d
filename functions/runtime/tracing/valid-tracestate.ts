/** @see https://www.w3.org/TR/trace-context-1/#tracestate-limits */
const MAX_CHARACTERS = 512;
const MAX_MEMBERS = 32;
const MEMBER = /^[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The `tracestate` for messages downstream: the sender's if it is valid and within the limits of W3C, otherwise none. */
export function validTracestate(tracestate: string | undefined): string | undefined {
  if (tracestate === undefined || tracestate.length > MAX_CHARACTERS) return undefined;
  const members = tracestate.split(',').map((member) => member.trim());
  return members.length <= MAX_MEMBERS && members.every((member) => MEMBER.test(member)) ? tracestate : undefined;
}
