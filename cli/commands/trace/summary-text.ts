import { styleText } from 'node:util';
import type { JourneySummary } from '../../../client/index.ts';
import { printableLine } from '../../printable.ts';

/** A journey in a line, and a line for each model that it used. */
export function summaryText({ hops, outcomes, open, notReceived, usage, wasted }: JourneySummary): string {
  const parts = [
    [outcomes.processed, 'processed'],
    [outcomes.rejected, 'rejected'],
    [outcomes['dead-lettered'], 'dead-lettered'],
    [open, 'under way'],
    [notReceived, 'not received'],
  ] as const;
  const counts = parts.flatMap(([count, name]) => (count === 0 ? [] : [`${number(count)} ${name}`]));
  const models = usage.map(({ model, inputTokens, outputTokens }) => {
    const lost = wasted.find((other) => other.model === model);
    const tokens = inputTokens + outputTokens;
    const share = lost === undefined || tokens === 0 ? 0 : Math.round(((lost.inputTokens + lost.outputTokens) / tokens) * 100);
    const price =
      lost === undefined ? '' : `, of which failed attempts ${number(lost.inputTokens)} and ${number(lost.outputTokens)} (${share}%)`;
    return `${printableLine(model)}: ${number(inputTokens)} input and ${number(outputTokens)} output tokens${price}`;
  });
  return [`${styleText('bold', `${number(hops)} ${hops === 1 ? 'hop' : 'hops'}`)}: ${counts.join(', ')}`, ...models].join('\n');
}

const number = (count: number): string => count.toLocaleString('en');
