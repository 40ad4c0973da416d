import { Command, InvalidArgumentError } from 'commander';
import { machine, machineLine } from './machine.ts';
import { agentsTable } from './start/agents-table.ts';
import { type AgentsFigures, measureAgents } from './start/measure-agents.ts';
import { measureStart } from './start/measure-start.ts';
import { textTable } from './text-table.ts';

const counts = (text: string): readonly number[] => {
  const values = text.split(',').map(Number);
  if (values.every((value) => Number.isInteger(value) && value > 0 && value < 1_000)) return values;
  throw new InvalidArgumentError('must be whole numbers from 1 to 999, with commas between them');
};

await new Command('bench:start')
  .description(
    'Measures how long posthorn dev takes until it is ready, and an edit until it is live; or synth and start by the number of agents.',
  )
  .option(
    '--agents <counts>',
    'projects with so many small agents each, as 10,100: cdk synth, start, memory, and a journey through all',
    counts,
  )
  .action(async ({ agents }: { readonly agents?: readonly number[] }) => {
    console.log(agents === undefined ? await startTable() : await tableOfAgents(agents));
    console.log(machineLine(machine()));
  })
  .parseAsync();

async function tableOfAgents(agents: readonly number[]): Promise<string> {
  const figures: AgentsFigures[] = [];
  for (const count of agents) figures.push(await measureAgents(count, (step) => process.stderr.write(`  ${step}\n`)));
  return agentsTable(figures);
}

async function startTable(): Promise<string> {
  const { synth, firstStart, startUnchanged, edit } = await measureStart();
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  return textTable(
    ['', 'until'],
    [
      ['cdk synth, to its end', seconds(synth)],
      ['first start, ready', seconds(firstStart)],
      ['start with nothing changed, ready', seconds(startUnchanged)],
      ['edit of an agent, live (median of 5)', seconds(edit)],
    ],
  );
}
