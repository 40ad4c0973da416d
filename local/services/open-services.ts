import type { Place } from '../template/resource-type.ts';
import { type DataLayout, withDataErrors } from './data-directory.ts';
import type { DataHealth } from './data-health.ts';
import type { Services } from './endpoint.ts';
import { Parameters } from './parameters.ts';
import { openQueuesAndBuckets } from './queues-and-buckets.ts';
import { openTables } from './tables.ts';

/**
 * Opens the services that keep data. `resources` closes them.
 *
 * @param layout the parts of a data directory; without one all but the tables is in memory
 * @throws DataDirectoryInUseError, DataDirectoryUnusableError, DataDirectoryDamagedError
 */
export async function openServices(
  place: Place,
  health: DataHealth,
  resources: AsyncDisposableStack,
  layout: Partial<DataLayout> & Pick<DataLayout, 'tables'>,
): Promise<Services> {
  const { region, accountId, endpoint } = place;
  return withDataErrors(health.directory, async () => {
    // Opened first, because LevelDB's lock detects a second embedded cloud on the same directory.
    const onError = (error: unknown) => health.report(error);
    const tables = await openTables({ region, accountId, onError, path: layout.tables });
    resources.defer(() => tables.close());
    const stores = await openQueuesAndBuckets({
      endpoint,
      region,
      health,
      ...(layout.queues === undefined ? {} : { directory: layout.queues }),
      ...(layout.signingKeys === undefined ? {} : { signingKeysFile: layout.signingKeys }),
    });
    resources.defer(() => stores.close());
    const parameters = new Parameters({ health, ...(layout.parameters === undefined ? {} : { file: layout.parameters }) });
    return { place, stores, tables, parameters };
  });
}
