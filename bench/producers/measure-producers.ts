import { CONTESTANTS } from './contestants.ts';
import { measureCapacity } from './measure-capacity.ts';
import { measureProducer, type ProducerFigures } from './measure-producer.ts';
import { measureTenants, type TenantFigures } from './measure-tenants.ts';
import { SteadyMesh } from './steady-mesh.ts';

export interface ProducersReport {
  readonly contestants: readonly ProducerFigures[];
  readonly tenants: readonly TenantFigures[];
}

const DRAIN_SECONDS = 60;
const QUIET_MESSAGES = 20;

export interface ProducersOptions {
  readonly seconds: number;
  /** The name of the only contestant; then the tenants are left out. @default all */
  readonly only?: string | undefined;
  onProgress(step: string): void;
}

/** Each contestant in a mesh of its own, one after the other, and then the tenants. */
export async function measureProducers({ seconds, only, onProgress }: ProducersOptions): Promise<ProducersReport> {
  const contestants: ProducerFigures[] = [];
  for (const contestant of CONTESTANTS.filter(({ name }) => only === undefined || name === only)) {
    onProgress(contestant.name);
    await using mesh = await SteadyMesh.start('steady');
    const capacityPerSecond = await measureCapacity(mesh);
    contestants.push(await measureProducer(mesh, contestant, { seconds, capacityPerSecond, drainSeconds: DRAIN_SECONDS }));
  }
  if (only !== undefined) return { contestants, tenants: [] };
  onProgress('a noisy tenant');
  await using mesh = await SteadyMesh.start('shared');
  // It has loaded what it needs.
  await measureCapacity(mesh);
  const tenants = [await measureTenants(mesh, false, QUIET_MESSAGES), await measureTenants(mesh, true, QUIET_MESSAGES)];
  return { contestants, tenants };
}
