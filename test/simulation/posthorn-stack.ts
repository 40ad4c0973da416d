import { defineAgents } from './agents.ts';
import type { RuntimeModules } from './load-runtime.ts';
import { simulatedPorts } from './simulated-ports.ts';
import { MAX_RECEIVES, type Stack } from './simulation.ts';

/** The runtime, unchanged or with one fault, on simulated ports. */
export function posthornStack(runtime: RuntimeModules): Stack {
  const define = defineAgents(runtime);
  return (id, surroundings, services) =>
    runtime.batchHandler(define(id, surroundings), simulatedPorts(surroundings.process, surroundings.world, services), {
      inboxUrl: `${id} inbox`,
      errorQueueUrl: `${id} errors`,
      deadLetterQueueUrl: `${id} dlq`,
      maxReceives: MAX_RECEIVES,
      traceSampling: 0.1,
    });
}
