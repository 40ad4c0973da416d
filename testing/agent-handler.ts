import type { MeshName } from '../events/names.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { inlineRuntime } from '../functions/runtime/aws/inline-runtime.ts';
import { batchHandler } from '../functions/runtime/batch/handle-batch.ts';
import type { Ports } from '../functions/runtime/ports.ts';
import type { Handler } from '../local/lambda/invoke-handler.ts';
import { ACCOUNT_ID } from '../local/services/queues-and-buckets.ts';
import type { LoggedLine } from './logged-line.ts';
import { recordingLogger } from './recording-logger.ts';

/** The handler of an agent that runs in this process: the runtime, on the services of an embedded cloud. */
export function agentHandler(
  agent: AgentDefinition,
  mesh: MeshName,
  {
    endpoint,
    region,
    logs,
    known,
  }: {
    readonly endpoint: string;
    readonly region: string;
    readonly logs: LoggedLine[];
    /** What the agents of the mesh know of each other. */
    readonly known: Pick<Ports, 'registry' | 'offers'>;
  },
): Handler {
  const logger = recordingLogger(logs, { agent: agent.id });
  const { ports, settings } = inlineRuntime(agent, { mesh, endpoint, region, accountId: ACCOUNT_ID, logger, journeySampling: 0 });
  return batchHandler(agent, { ...ports, ...known }, settings);
}
