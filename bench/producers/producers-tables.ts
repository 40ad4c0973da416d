import { markdownTable } from '../cost/markdown-table.ts';
import type { ProducerFigures } from './measure-producer.ts';
import type { ProducersReport } from './measure-producers.ts';
import type { TenantFigures } from './measure-tenants.ts';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;
const seconds = (value: number): string => `${value < 10 ? value.toFixed(1) : whole(value)} s`;
const megabytes = ([settled, end]: readonly [number, number]): string => `${whole(settled)}, ${whole(end)} MB`;
const ifKnown = (value: number | undefined, text: (value: number) => string): string => (value === undefined ? '' : text(value));

const ROWS: readonly (readonly [what: string, text: (figures: ProducerFigures) => string])[] = [
  ['what the agent can handle, a second', ({ capacityPerSecond }) => whole(capacityPerSecond)],
  ['sent a second', ({ sentPerSecond }) => whole(sentPerSecond)],
  ['handled a second', ({ handledPerSecond }) => whole(handledPerSecond)],
  ['goodput, once steady', ({ goodput }) => percent(goodput)],
  ['most messages in the inbox', ({ peakDepth }) => whole(peakDepth)],
  ['expected wait at the end', ({ waitAtEndSeconds }) => seconds(waitAtEndSeconds)],
  ['p95 of the wait, once steady', ({ waitP95Seconds }) => ifKnown(waitP95Seconds, seconds)],
  ['memory after a sixth, at the end', ({ memoryMb }) => megabytes(memoryMb)],
  ['heap after a sixth, at the end', ({ heapMb }) => megabytes(heapMb)],
  ['requests for a message', ({ requestsPerMessage }) => requestsPerMessage.toFixed(3)],
  ["Jain's index over 10 s, once steady", ({ fairness }) => ifKnown(fairness, (value) => value.toFixed(3))],
  ['swing over 10 s, once steady', ({ swing }) => ifKnown(swing, percent)],
  ['sent in all', ({ sent }) => whole(sent)],
  ['handled', ({ handled }) => whole(handled)],
  ['waiting', ({ waiting }) => whole(waiting)],
  ['lost', ({ lost }) => whole(lost)],
];

const tenantRow = ({ withTenants, medianWaitSeconds, longestWaitSeconds, lastPlace, noisy, quiet }: TenantFigures): readonly string[] => [
  withTenants ? 'with `tenant`' : 'without',
  seconds(medianWaitSeconds),
  seconds(longestWaitSeconds),
  `${whole(lastPlace)} of ${whole(noisy + quiet)}`,
];

/** A column for each contestant, and a row for each way with tenants, as Markdown. */
export function producersTables({ contestants, tenants }: ProducersReport): string {
  const head = [`${contestants[0]?.seconds ?? 0} s each`, ...contestants.map(({ name }) => name)];
  const sending = markdownTable(
    head,
    ROWS.map(([what, text]) => [what, ...contestants.map(text)]),
  );
  if (tenants.length === 0) return sending;
  return [
    sending,
    markdownTable(
      ["the quiet tenant, on the embedded cloud's imitation", 'median wait', 'longest wait', 'last place'],
      tenants.map(tenantRow),
    ),
  ].join('\n\n');
}
