import { textTable } from '../text-table.ts';
import type { Comparison, Figures } from './compare.ts';

interface Row {
  readonly figure: string;
  readonly ours: number;
  readonly peers?: number;
  readonly unit: string;
  /** The target: the largest value of the figure, or of its ratio to the peer's. */
  readonly atMost?: number;
  readonly ofRatio?: number;
  /** The ratio, if it is not that of the two medians. */
  readonly ratio?: number;
}

/** Every figure beside the peer's, with its target and the result. */
export function comparisonTable(comparison: Comparison): string {
  const rows = rowsOf(comparison).map((row) => {
    const ratio = row.ratio ?? (row.peers ? row.ours / row.peers : undefined);
    return [
      row.figure,
      `${number(row.ours)} ${row.unit}`.trim(),
      row.peers === undefined ? '' : `${number(row.peers)} ${row.unit}`.trim(),
      ratio === undefined ? '' : ratio.toFixed(2),
      target(row),
      verdict(row, ratio),
    ];
  });
  return textTable(['for one message', 'posthorn', 'powertools', 'ratio', 'target', ''], rows);
}

function rowsOf({ stub, dynalite, cpuRatio, overhead, bundles, cold }: Comparison): readonly Row[] {
  const { posthorn: ours, powertools: peers } = stub;
  const both = (figure: string, name: keyof Figures, unit: string, limits: Pick<Row, 'atMost' | 'ofRatio' | 'ratio'> = {}): Row => ({
    figure,
    ours: ours[name],
    peers: peers[name],
    unit,
    ...limits,
  });
  const init = (name: string): number => cold[name]?.initMs ?? Number.NaN;
  const first = (name: string): number => cold[name]?.firstMessageMs ?? Number.NaN;
  return [
    both('CPU', 'cpuMicros', 'us', { ofRatio: 0.25, ratio: cpuRatio }),
    both('wall, batches one after another', 'wallMicros', 'us'),
    { figure: 'CPU, on dynalite', ours: dynalite.posthorn.cpuMicros, peers: dynalite.powertools.cpuMicros, unit: 'us' },
    { figure: 'wall, on dynalite', ours: dynalite.posthorn.wallMicros, peers: dynalite.powertools.wallMicros, unit: 'us' },
    { figure: 'CPU without I/O', ours: overhead.silentMicros, unit: 'us', atMost: 50 },
    { figure: 'CPU without I/O, log line and metrics written', ours: overhead.withLinesMicros, unit: 'us' },
    both('allocated', 'allocatedBytes', 'B', { ofRatio: 0.25 }),
    both('DynamoDB requests for ten', 'tableRequestsPerTen', '', { atMost: 3 }),
    both('all requests for ten', 'requestsPerTen', ''),
    both('write units', 'writeUnits', '', { atMost: 2 }),
    both('read units', 'readUnits', ''),
    both('on the wire', 'wireBytes', 'B'),
    both('logged', 'logBytes', 'B'),
    { figure: 'bundle, cold path', ours: bundles.posthorn.coldKib, peers: bundles.powertools.coldKib, unit: 'KiB', atMost: 450 },
    { figure: 'bundle, with lazy parts', ours: bundles.posthorn.totalKib, peers: bundles.powertools.totalKib, unit: 'KiB' },
    { figure: 'import + init, our bundler for both', ours: init('posthorn'), peers: init('powertools'), unit: 'ms', ofRatio: 0.5 },
    {
      figure: 'import + init, peer as NodejsFunction bundles',
      ours: init('posthorn'),
      peers: init('powertoolsByDefault'),
      unit: 'ms',
      ofRatio: 0.5,
    },
    { figure: '  of which the two AWS clients alone', ours: init('sdkAlone'), unit: 'ms' },
    { figure: '  of which what Node brings alone', ours: init('nodeAlone'), unit: 'ms' },
    { figure: 'first message after it', ours: first('posthorn'), peers: first('powertools'), unit: 'ms' },
  ];
}

const number = (value: number): string => (value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3))));

const target = ({ atMost, ofRatio }: Row): string =>
  ofRatio === undefined ? (atMost === undefined ? '' : `<= ${atMost}`) : `ratio <= ${ofRatio}`;

function verdict({ ours, atMost, ofRatio }: Row, ratio: number | undefined): string {
  if (ofRatio !== undefined) return ratio !== undefined && ratio <= ofRatio ? 'reached' : 'MISSED';
  if (atMost !== undefined) return ours <= atMost ? 'reached' : 'MISSED';
  return '';
}
