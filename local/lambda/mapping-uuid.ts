import { createHash } from 'node:crypto';
import type { DeployedMapping } from '../template/deployed.ts';
import { mappingIdentity } from '../template/deployment-changes.ts';

/** The UUID of an event source mapping. It is the same at every start, for the same queue and function. */
export function mappingUuid(mapping: DeployedMapping): string {
  const digits = createHash('sha256').update(mappingIdentity(mapping)).digest('hex');
  // Version 8 is for UUIDs of one's own making (RFC 9562).
  return [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-');
}
