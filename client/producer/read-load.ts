import type { LoadReading } from '../../events/load-reading.ts';
import { metricsTableName } from '../../events/metrics-record.ts';
import type { MeshName } from '../../events/names.ts';
import { LATEST_SERIES } from '../../events/snapshot.ts';
import type { AwsClients } from '../aws-clients.ts';
import { AccessDeniedError } from '../errors.ts';
import { isDenied } from '../is-denied.ts';
import { latestSnapshots } from '../metrics/latest-snapshots.ts';
import { measuredLoad } from '../metrics/measured-load.ts';
import { inTable } from '../missing-table.ts';

/** Where the probe is of an older version, nobody knows the agent's own. */
const DEFAULT_GOAL_SECONDS = 30;

/**
 * What the probe publishes of an agent's load, by one read.
 *
 * @returns `undefined` for an agent that the probe has not seen
 * @throws AccessDeniedError, MissingTableError
 */
export async function readLoad(aws: AwsClients, mesh: MeshName, agent: string): Promise<LoadReading | undefined> {
  const table = metricsTableName(mesh);
  try {
    const [latest] = await inTable(aws, table, latestSnapshots(aws.dynamodb, table, agent));
    return latest && (latest.load ?? measuredLoad(latest, latest.before, DEFAULT_GOAL_SECONDS));
  } catch (cause) {
    if (!isDenied(cause)) throw cause;
    throw new AccessDeniedError(`AWS denies dynamodb:Query on the table '${table}', which has the load of '${agent}'`, {
      cause,
      remedy: `Allow it, with the key '${LATEST_SERIES}' alone if you like, or give the producer governor: 'off'.`,
    });
  }
}
