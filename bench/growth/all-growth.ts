import { bundleFunction } from '../../infra/constructs/bundle-function.ts';
import { entryOf } from '../compare/contestant.ts';
import { startStub } from '../stub/start-stub.ts';
import { textTable } from '../text-table.ts';
import { type GrowthPoint, measureGrowth } from './measure-growth.ts';
import { measureTables, type TablePoint } from './measure-tables.ts';

export interface Growth {
  /** Every record stays in the process's memory: the ledger grows with the messages. */
  readonly withLedger: readonly GrowthPoint[];
  /** Nothing is kept, so any growth is the runtime's own. */
  readonly warmProcess: readonly GrowthPoint[];
  /** The deployed bundle with the AWS SDK, against a stub in another process. */
  readonly warmBundle: readonly GrowthPoint[];
  /** With the AWS SDK, on dynalite in another process. */
  readonly onTables: readonly TablePoint[];
}

/** An hour at the embedded cloud's target rate: 600 messages a second. */
const HOUR_OF_MESSAGES = 600 * 3_600;

const decades = (last: number): readonly number[] => [1_000, 10_000, 100_000, 1_000_000].filter((point) => point < last).concat(last);

/** The whole bundle is slower because of the AWS SDK, so it gets a tenth of the messages. */
const BUNDLE_SHARE = 0.1;

const quarters = (last: number): readonly number[] =>
  [0.05, 0.25, 0.5, 0.75, 1].map((share) => Math.max(1, Math.round((last * share) / 1_000)) * 1_000);

export async function measureAllGrowth(folder: string, messages: number, onProgress: (step: string) => void): Promise<Growth> {
  onProgress(`${messages.toLocaleString('en')} messages, with a ledger that keeps them all`);
  const withLedger = await measureGrowth({ ledger: 'keeps-ledger' }, decades(messages));
  const hour = Math.min(HOUR_OF_MESSAGES, messages * 3);
  onProgress(`${hour.toLocaleString('en')} messages through one warm process`);
  const warmProcess = await measureGrowth({ ledger: 'forgets' }, quarters(hour));
  bundleFunction(entryOf('posthorn'), folder);
  const throughBundle = Math.round(hour * BUNDLE_SHARE);
  onProgress(`${throughBundle.toLocaleString('en')} messages through the deployed bundle`);
  await using stub = await startStub();
  const warmBundle = await measureGrowth({ bundleFolder: folder, stub }, quarters(throughBundle));
  onProgress('a ledger that grows on dynalite');
  const onTables = await measureTables(folder, Math.round(messages / 700), 6);
  return { withLedger, warmProcess, warmBundle, onTables };
}

export function growthTables({ withLedger, warmProcess, warmBundle, onTables }: Growth): string {
  const points = (of: readonly GrowthPoint[]) =>
    of.map(({ checkpoint, cpuMicros, heapMib, rssMib, records }) => [
      checkpoint.toLocaleString('en'),
      cpuMicros.toFixed(1),
      heapMib.toFixed(1),
      rssMib.toFixed(0),
      records.toLocaleString('en'),
    ]);
  const head = ['messages', 'CPU us/message since the row above', 'heap MiB', 'RSS MiB', 'records'];
  const tables = onTables.map(({ records, cpuMicros, wallMicros }) => [
    records.toLocaleString('en'),
    cpuMicros.toFixed(0),
    wallMicros.toFixed(0),
  ]);
  return [
    'The runtime without I/O, with a ledger that keeps every record:',
    textTable(head, points(withLedger)),
    'One warm process, with a ledger that forgets:',
    textTable(head, points(warmProcess)),
    'One warm process, the deployed bundle with the AWS SDK:',
    textTable(head, points(warmBundle)),
    'The deployed bundle on dynalite, whose ledger grows:',
    textTable(['records', 'client CPU us/message', 'wall us/message'], tables),
  ].join('\n');
}
