import { DEFAULT_LATENCY_GOAL_SECONDS } from '../../events/latency-goal.ts';
import type { LoadReading } from '../../events/load-reading.ts';
import { metricsTableName } from '../../events/metrics-record.ts';
import type { MeshName } from '../../events/names.ts';
import { LATEST_SERIES } from '../../events/snapshot.ts';
import type { AwsClients } from '../aws-clients.ts';
import { LoadUnreadableError, MeshClientError } from '../errors.ts';
import { isDenied } from '../is-denied.ts';
import { latestSnapshots } from '../metrics/latest-snapshots.ts';
import { measuredLoad } from '../metrics/measured-load.ts';
import { inTable } from '../missing-table.ts';

/**
 * What the probe publishes of an agent's load, by one read.
 *
 * @returns `undefined` for an agent that the probe has not seen
 * @throws LoadUnreadableError
 */
export async function readLoad(aws: AwsClients, mesh: MeshName, agent: string): Promise<LoadReading | undefined> {
  const table = metricsTableName(mesh);
  try {
    const [latest] = await inTable(aws, table, latestSnapshots(aws.dynamodb, table, agent));
    // Where the probe is of an older version, nobody knows the agent's own goal.
    return latest && (latest.load ?? measuredLoad(latest, latest.before, DEFAULT_LATENCY_GOAL_SECONDS));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LoadUnreadableError(`the load of '${agent}' cannot be read from the table '${table}': ${reason}`, {
      cause,
      remedy: `${remedyFor(cause)} Or choose a rate yourself: the option governor, --rate of posthorn send.`,
    });
  }
}

function remedyFor(cause: unknown): string {
  if (isDenied(cause)) return `Allow dynamodb:Query on it, with the key '${LATEST_SERIES}' alone if you like.`;
  return (cause instanceof MeshClientError && cause.remedy) || 'Look at what is wrong with the table.';
}
