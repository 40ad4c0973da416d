import { textTable } from '../text-table.ts';
import type { AgentsFigures } from './measure-agents.ts';

type Figures = AgentsFigures['synth'];

const rowsOf = (name: string, of: (figures: AgentsFigures) => Figures): readonly Row[] => [
  [name, (figures) => of(figures).seconds, 's'],
  ['  CPU', (figures) => of(figures).cpuSeconds, 's'],
  ['  memory', (figures) => of(figures).mb, 'MB'],
];

type Row = readonly [string, (figures: AgentsFigures) => number, 's' | 'MB'];

const ROWS: readonly Row[] = [
  ...rowsOf('cdk synth, to its end', ({ synth }) => synth),
  ...rowsOf('first start, ready', ({ firstStart }) => firstStart),
  ...rowsOf('start with nothing changed, ready', ({ startUnchanged }) => startUnchanged),
  ['the mesh at rest: memory', ({ idleMb }) => idleMb, 'MB'],
  ...rowsOf('journey through all agents, each loaded for it', ({ journey }) => journey),
];

/** A column for each number of agents, and what one more agent takes, from the first to the last. */
export function agentsTable(all: readonly AgentsFigures[]): string {
  const [first, last] = [all.at(0), all.at(-1)];
  const more = (last?.agents ?? 0) - (first?.agents ?? 0);
  const rows = ROWS.map(([name, of, unit]) => [
    name,
    ...all.map((each) => `${of(each).toFixed(unit === 's' ? 1 : 0)} ${unit}`),
    ...(first && last && more > 0 ? [`${((of(last) - of(first)) / more).toFixed(unit === 's' ? 2 : 1)} ${unit}`] : []),
  ]);
  return textTable(['', ...all.map(({ agents }) => `${agents} agents`), ...(more > 0 ? ['one more agent'] : [])], rows);
}
