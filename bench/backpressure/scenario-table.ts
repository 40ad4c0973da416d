import { markdownTable } from '../cost/markdown-table.ts';
import type { ScenarioFigures } from './measure-scenario.ts';

const HEAD = ['once steady', 'goodput', 'wait', 'swing', 'fairness', 'peak backlog'];

/** Every scenario in a line, as Markdown. */
export const scenarioTable = (all: readonly ScenarioFigures[]): string =>
  markdownTable(
    HEAD,
    all.map(({ name, goodput, waitSeconds: [least, most], swing, fairness, peakBacklog }) => [
      name,
      `${(goodput * 100).toFixed(1)}%`,
      `${Math.round(least)} to ${Math.round(most)} s`,
      `${(swing * 100).toFixed(0)}%`,
      fairness.toFixed(3),
      peakBacklog.toLocaleString('en'),
    ]),
  );
