import type { MeshProducer } from '../../../client/index.ts';

/** The rate is that of the last seconds. */
const WINDOW_MS = 5_000;

interface Moment {
  readonly at: number;
  readonly sent: number;
}

/** What the line of progress says of a producer, e.g. `100 in flight, load 73%, 95/s, braked`. */
export function liveDetails(producer: Pick<MeshProducer, 'inFlight' | 'load' | 'targets'>, now = () => performance.now()) {
  let [first, second]: [Moment, Moment] = [
    { at: now(), sent: 0 },
    { at: now(), sent: 0 },
  ];
  return (sent: number): string => {
    const at = now();
    if (at - second.at >= WINDOW_MS) [first, second] = [second, { at, sent }];
    const rate = at > first.at ? ((sent - first.sent) / (at - first.at)) * 1_000 : 0;
    const parts = [`${producer.inFlight()} in flight`, `load ${Math.round(producer.load() * 100)}%`, rateText(rate)];
    return [...parts, ...(producer.targets().some(({ isBraked }) => isBraked) ? ['braked'] : [])].join(', ');
  };
}

const rateText = (perSecond: number): string => `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en')}/s`;
