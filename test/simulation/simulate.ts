import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type CampaignSummary, runCampaign } from './campaign.ts';
import { FAULT_KINDS, leftOutOf, NOT_SIDE_BY_SIDE, RULED_OUT } from './faults.ts';
import { MUTANTS } from './mutants.ts';
import { runPeer } from './peer/run.ts';
import { loadStack } from './posthorn-stack.ts';
import { runSeed } from './run-seed.ts';
import { replayCommand, shrink } from './shrink.ts';
import { tellStory } from './tell-story.ts';
import type { CampaignWorld } from './world.ts';

const USAGE = `npm run simulate -- [options]

  --messages N     messages in all, 1,000 a seed (default 100000); with --seed: of that seed (default 1000)
  --first-seed N   the first seed (default 1)
  --workers N      worker threads (default: one a core)
  --seed N         replays one seed, and shrinks it where it breaks a promise
  --without A,B    kinds of faults to leave out
  --with A,B       kinds of faults that are ruled out otherwise: ${RULED_OUT.join(', ')}
  --mutant NAME    breaks the runtime in this way
  --side-by-side   an older runtime beside the current one, without ${NOT_SIDE_BY_SIDE.join(', ')}
  --discovery      agents also send to capabilities
  --backpressure   clients send by the real producer, governed by the real probe
  --peer           the same seeds on Powertools' batch and idempotency, side by side
  --story KEY      with --seed: tells what happened to the message whose ledger key ends so

  kinds of faults: ${FAULT_KINDS.join(', ')}
  mutants: ${MUTANTS.map(({ name }) => name).join(', ')}`;

const MESSAGES_PER_SEED = 1_000;

const { values } = parseArgs({
  options: {
    messages: { type: 'string' },
    'first-seed': { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    without: { type: 'string', default: '' },
    with: { type: 'string', default: '' },
    mutant: { type: 'string' },
    story: { type: 'string' },
    'side-by-side': { type: 'boolean', default: false },
    discovery: { type: 'boolean', default: false },
    backpressure: { type: 'boolean', default: false },
    peer: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const [leftOut, added] = [values.without.split(','), values.with.split(',')];
const mutant = MUTANTS.find(({ name }) => name === values.mutant);
if (values.mutant !== undefined && mutant === undefined) throw new RangeError(`--mutant: there is no '${values.mutant}'`);
const world: CampaignWorld = {
  isSideBySide: values['side-by-side'],
  hasDiscovery: values.discovery,
  hasBackpressure: values.backpressure,
  ...mutant?.world,
};
const impossible = leftOutOf(world).filter((kind) => !RULED_OUT.includes(kind) || !added.includes(kind));
const without = FAULT_KINDS.filter((kind) => leftOut.includes(kind) || impossible.includes(kind));
const total = wholeNumber('messages', values.messages ?? (values.seed === undefined ? '100000' : '1000'));
const firstSeed = wholeNumber('first-seed', values['first-seed']);
if (values.help) console.log(USAGE);
else if (values.peer) await runPeer(firstSeed, Math.ceil(total / MESSAGES_PER_SEED), MESSAGES_PER_SEED);
else if (values.seed !== undefined) await replay(wholeNumber('seed', values.seed), total);
else await campaign();

async function campaign(): Promise<void> {
  const startedAt = performance.now();
  let toldAt = startedAt;
  const summary = await runCampaign({
    firstSeed,
    seeds: Math.ceil(total / MESSAGES_PER_SEED),
    messages: MESSAGES_PER_SEED,
    workers: wholeNumber('workers', values.workers),
    without,
    world,
    ...(values.mutant !== undefined && { mutant: values.mutant }),
    onResult({ seed, messages, violations }, soFar) {
      if (violations.length > 0) {
        for (const { invariant, detail } of violations.slice(0, 3)) console.log(`seed ${seed} breaks "${invariant}": ${detail}`);
        console.log(`  ${replayCommand({ seed, messages: MESSAGES_PER_SEED, without, ...world }, values.mutant)}   (${messages} messages)`);
      }
      if (performance.now() - toldAt < 5_000) return;
      toldAt = performance.now();
      console.log(progress(soFar, toldAt - startedAt));
    },
  });
  console.log(progress(summary, performance.now() - startedAt));
  console.log('faults injected:');
  for (const kind of FAULT_KINDS) console.log(`  ${kind.padEnd(24)} ${(summary.faults[kind] ?? 0).toLocaleString('en')}`);
  if (summary.failed.length > 0) process.exitCode = 1;
}

function progress({ seeds, messages, deliveries, faults, failed }: CampaignSummary, elapsedMs: number): string {
  const injected = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const rate = Math.round((messages / elapsedMs) * 1_000);
  const heapMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
  const number = (count: number) => count.toLocaleString('en');
  return `${number(seeds)} seeds, ${number(messages)} messages, ${number(deliveries)} deliveries, ${number(injected)} faults, ${failed.length} seeds failed; ${number(rate)} messages/s, ${heapMiB} MiB`;
}

async function replay(seed: number, messages: number): Promise<void> {
  const stack = await loadStack({ mutant: values.mutant, ...world });
  const options = { seed, messages, without, ...world };
  if (values.story !== undefined) return tellStory(stack, options, values.story);
  const result = await runSeed(stack, options, { isHashed: true });
  console.log(`seed ${seed}: ${result.messages} messages, ${result.deliveries} deliveries, history ${result.hash}`);
  if (result.violations.length === 0) return console.log('every promise was kept');

  process.exitCode = 1;
  console.log(`${result.violations.length} violations; looking for a smaller case ...`);
  const shrunk = await shrink(stack, options, result);
  for (const { invariant, detail } of shrunk.result.violations.slice(0, 20)) console.log(`  "${invariant}": ${detail}`);
  console.log(`faults: ${JSON.stringify(shrunk.result.faults)}`);
  console.log(replayCommand(shrunk.options, values.mutant));
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new RangeError(`--${option}: '${text}' must be a whole number above 0`);
  return number;
}
