import type { FoundAgent } from '../../../client/index.ts';
import { duration } from '../../duration.ts';
import { plainTable } from '../../plain-table.ts';
import { printableLine } from '../../printable.ts';

/** Agents of a capability, for people. */
export function weightsTable(found: readonly FoundAgent[]): string {
  const rows = found.map(({ agent, version, weight, isHealthy, reason, p95Ms, errorShare }) => [
    printableLine(agent),
    printableLine(version),
    String(weight),
    p95Ms === undefined ? '-' : duration(p95Ms),
    errorShare === undefined ? '-' : `${Math.round(errorShare * 100)}%`,
    isHealthy ? 'yes' : `no: ${reason ?? 'it was ejected'}`,
  ]);
  return plainTable(rows, 3, {
    head: ['AGENT', 'VERSION', 'WEIGHT', 'P95', 'ERRORS', 'HEALTHY'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left'],
  });
}
