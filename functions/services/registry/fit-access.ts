import type { AccessRecord } from '../../../events/access-record.ts';
import { OWNER_APP } from '../../../events/registration.ts';
import { compileAccess, type Target } from './compile-access.ts';
import type { Registrations } from './registrations.ts';
import type { Sender } from './senders.ts';

/** An item of DynamoDB takes 400 KB, with its key and the names of its attributes. */
export const MAX_ACCESS_BYTES = 400 * 1_024 - 4_096;

/** An access record, and the apps whose senders are not in it. */
export interface FittingAccess {
  readonly record: AccessRecord;
  readonly leftOut: readonly string[];
}

/**
 * The access record of a target, of a size that can be written: if everyone does not fit, it leaves out the senders of other apps, of
 * the one with most first. Those of the owner and of the target's own app stay, even if the record is too large with them alone.
 */
export function fittingAccess(target: Target, registered: Registrations, senders: readonly Sender[]): FittingAccess {
  const record = compileAccess(target, registered, senders);
  let bytes = bytesOf(record);
  if (bytes <= MAX_ACCESS_BYTES) return { record, leftOut: [] };
  const bytesByApp = new Map<string, number>();
  for (const { app, principalIds } of senders.filter((sender) => sender.app !== OWNER_APP && sender.app !== target.app))
    for (const id of principalIds) bytesByApp.set(app, (bytesByApp.get(app) ?? 0) + bytesOf({ [id]: record.principals[id] }));
  const leftOut: string[] = [];
  for (const [app, size] of [...bytesByApp].sort(([one, its], [other, others]) => others - its || (one < other ? -1 : 1))) {
    if (bytes <= MAX_ACCESS_BYTES) break;
    leftOut.push(app);
    bytes -= size - BRACES;
  }
  const remaining = senders.filter(({ app }) => !leftOut.includes(app));
  return { record: compileAccess(target, registered, remaining), leftOut };
}

/** Of an object with one principal: the record has a comma in their place. */
const BRACES = 2;

const bytesOf = (value: object): number => Buffer.byteLength(JSON.stringify(value));
