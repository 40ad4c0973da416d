import { MeshClient } from '../../client/index.ts';
import { awsPorts } from '../../functions/runtime/aws/aws-ports.ts';
import { readEnvironment } from '../../functions/runtime/aws/environment.ts';
import { AgentFinder } from '../../functions/runtime/discovery/agent-finder.ts';
import { type Work, workSchema } from './client-work.ts';

// A process that finds agents: as a program with a client of the mesh, and as the runtime of an agent with its ports on AWS.

const environment = readEnvironment(process.env);
const mesh = new MeshClient({ stage: 'bench', endpoint: process.env.AWS_ENDPOINT_URL });
const { offers, logger } = awsPorts({ id: 'relay', version: '1.0.0', concurrency: 10 }, environment);

/** Whose clock stands still: what it has read stays fresh. */
const finder = () => new AgentFinder({ offers, logger, clock: { now: () => 0 } });
const RANGE = { version: '>=2.0', maxLatencyMs: 500 };
const MESSAGES_PER_SECOND = 1_000;

async function repeat({ what, capability, times }: Work): Promise<void> {
  switch (what) {
    case 'find':
      for (let nth = 0; nth < times; nth++) await mesh.findAgents({ capability, version: '>=2.0', healthy: true });
      return;
    case 'cold':
      for (let nth = 0; nth < times; nth++) await finder().find({ capability }, `journey-${nth}`);
      return;
    case 'load': {
      let now = 0;
      const loaded = new AgentFinder({ offers, logger, clock: { now: () => now } });
      for (let nth = 0; nth < times; nth++) {
        now = (nth * 1_000) / MESSAGES_PER_SECOND;
        await loaded.find({ capability }, `journey-${nth}`);
        // As at the end of an invocation, so that no answer is late by the speed of this clock.
        await loaded.idle();
      }
      return;
    }
    default: {
      const wanted = { capability, ...(what === 'pick-range' && RANGE) };
      for (let nth = 0; nth < times; nth++) await warm(capability).find(wanted, `journey-${nth}`);
    }
  }
}

const finders = new Map<string, AgentFinder>();

function warm(capability: string): AgentFinder {
  const known = finders.get(capability) ?? finder();
  finders.set(capability, known);
  return known;
}

process.on('message', async (message) => {
  const work = workSchema.parse(message);
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  await repeat(work);
  const { user, system } = process.cpuUsage(before);
  process.send?.({ cpuMicros: (user + system) / work.times, wallMicros: ((performance.now() - startedAtMs) * 1_000) / work.times });
});
process.on('disconnect', () => process.exit());
