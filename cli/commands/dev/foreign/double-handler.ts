import { AUTHORIZATION_ATTRIBUTE } from '../../../../events/access-record.ts';
import { audienceOf, inboxName, meshPrefix } from '../../../../events/names.ts';
import { inlineRuntime } from '../../../../functions/runtime/aws/inline-runtime.ts';
import { lineLogger } from '../../../../functions/runtime/aws/line-logger.ts';
import { batchHandler } from '../../../../functions/runtime/batch/handle-batch.ts';
import { PermanentError } from '../../../../functions/runtime/failure/errors.ts';
import type { Queue } from '../../../../functions/runtime/ports.ts';
import type { EmbeddedCloud } from '../../../../local/embedded-cloud.ts';
import type { LogLine } from '../../../../local/lambda/function-worker.ts';
import type { Handler } from '../../../../local/lambda/invoke-handler.ts';
import { ACCOUNT_ID } from '../../../../local/services/queues-and-buckets.ts';
import { doubleAgent } from './double-agent.ts';
import { readDoubleFile } from './double-file.ts';
import type { ForeignAgent } from './mesh-needs.ts';
import type { MessageRecords } from './message-records.ts';

export interface DoubleHandlerOptions {
  readonly cloud: EmbeddedCloud;
  readonly projectDirectory: string;
  readonly records: MessageRecords;
  readonly onLog: (line: LogLine) => void;
}

/** The function of a foreign agent's double: the runtime that every agent has, in this process. It reads the answers for each batch. */
export function doubleHandler(
  { mesh, id, functionName, capability }: ForeignAgent,
  { cloud, projectDirectory, records, onLog }: DoubleHandlerOptions,
): Handler {
  const { endpoint, region } = cloud;
  const logger = lineLogger((text) => onLog({ functionName, stream: 'stdout', text }), { agent: id });
  const place = { mesh, endpoint, region, accountId: ACCOUNT_ID, logger, journeySampling: 1 };
  const { ports, settings } = inlineRuntime({ id, version: '0.0.0', sendsTo: [], concurrency: 1 }, place);
  // The agents that are there now: which of them the agent itself may send to, only its own repository knows.
  const agentsByInbox = new Map<string, string>();
  const inbox = (agentId: string) => {
    const queue = cloud.resources.find(({ type, physicalName }) => type === 'AWS::SQS::Queue' && physicalName === inboxName(mesh, agentId));
    // As SQS would: a reply then goes to the replies queue.
    if (queue === undefined) throw new PermanentError('QueueDoesNotExist', `agent '${agentId}' is not in this mesh`);
    agentsByInbox.set(queue.ref, agentId);
    return queue.ref;
  };
  // The double itself knows no senders, but the agents that it sends to may want a token.
  const queue: Queue = {
    send: async (queueUrl, messages) => {
      const agentId = agentsByInbox.get(queueUrl);
      if (agentId === undefined) return ports.queue.send(queueUrl, messages);
      const token = await ports.tokens.token(audienceOf(meshPrefix(mesh), agentId));
      const signed = messages.map((message) => ({ ...message, attributes: { ...message.attributes, [AUTHORIZATION_ATTRIBUTE]: token } }));
      return ports.queue.send(queueUrl, signed);
    },
    changeVisibility: (queueUrl, changes) => ports.queue.changeVisibility(queueUrl, changes),
  };
  return async (event, context) => {
    const answers = readDoubleFile(projectDirectory, id).then((file) => file.answers);
    const sendsTo: readonly string[] = await answers.then(
      (read) => read.flatMap(({ send }) => send.map(({ to }) => to)),
      // Each message fails by the reason.
      () => [],
    );
    // An agent that is called for what it can do replies to those that receive replies; one that is named may know the sender.
    const names = (agentId: string) => capability === undefined || sendsTo.includes(agentId);
    const directory = { repliesQueueUrl: ports.directory.repliesQueueUrl, names, inbox };
    const agent = doubleAgent({ id, capability, answers, sendsTo, record: (message) => records.add(id, message) });
    return batchHandler(agent, { ...ports, directory, queue }, settings)(event, context);
  };
}
