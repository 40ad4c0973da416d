import { loadRuntime } from '../load-runtime.ts';
import { compare } from './compare.ts';
import { MEASURES, type Measures } from './measure.ts';

/** Runs the same seeds on both stacks, one after another, and prints the results of the messages side by side. */
export async function runPeer(firstSeed: number, seeds: number, messages: number): Promise<void> {
  const runtime = await loadRuntime();
  const totals = { posthorn: new Map<string, number>(), powertools: new Map<string, number>() };
  const add = (total: Map<string, number>, measures: Measures) => {
    for (const [name, count] of Object.entries(measures)) total.set(name, (total.get(name) ?? 0) + count);
  };
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const comparison = await compare(runtime, seed, messages);
    add(totals.posthorn, comparison.posthorn);
    add(totals.powertools, comparison.powertools);
    if (seed % 25 === 0) console.log(`${seed - firstSeed + 1} of ${seeds} seeds`);
  }
  const row = (name: string, ours: string, peer: string) => console.log(`| ${name} | ${ours} | ${peer} |`);
  row('', 'Posthorn', 'Powertools 2.35.0');
  row('---', '---:', '---:');
  const text = (total: Map<string, number>, name: string) => (total.get(name) ?? 0).toLocaleString('en');
  for (const [name, description] of Object.entries(MEASURES)) row(description, text(totals.posthorn, name), text(totals.powertools, name));
}
