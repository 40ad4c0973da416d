import { suggestAgent } from '../../../client/queues/agent-queues.ts';
import type { AccessRecord } from '../../../events/access-record.ts';
import { meshPrefix } from '../../../events/names.ts';
import { CliError } from '../../cli-error.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';
import { type Answer, answerTo, type Question } from './answer.ts';
import { answerText } from './answer-text.ts';
import { checkArgument } from './check-argument.ts';
import { readRegistry } from './read-registry.ts';

/** Prints whether a sender may do an action at an agent. The exit code is 0 for yes and 1 for no. */
export async function explain(question: Question, settings: Settings): Promise<void> {
  for (const [name, value] of Object.entries(question)) checkArgument(name, value);
  const access = await accessTo(question.agent, settings);
  const answer = answerTo(question, access);
  if (settings.json) printJson(asRecord(question, answer));
  else console.log(answerText(question, answer, access, process.stdout.columns || Number.POSITIVE_INFINITY));
  if (!answer.allowed) process.exitCode = 1;
}

/** @throws CliError naming the closest agent, when this one is not registered */
const accessTo = (agent: string, settings: Settings): Promise<AccessRecord> =>
  readRegistry(settings, async (mesh) => {
    const access = await mesh.access(agent);
    if (access !== undefined) return access;
    const agents = (await mesh.accessRecords()).map((record) => record.agent);
    throw new CliError(`agent '${agent}' is not registered in mesh ${meshPrefix(settings)}`, {
      remedy: agents.length === 0 ? 'No agent is registered: deploy the agents first.' : suggestAgent(agent, agents),
    });
  });

const asRecord = ({ sender, agent, action: asked }: Question, { allowed, principal, action, rule, reason }: Answer) => ({
  ...{ sender, agent, asked, action, allowed, rule: rule ?? null, reason },
  principal: principal?.name ?? null,
  sources: principal?.sources ?? [],
  onBehalfOf: principal?.onBehalfOf ?? false,
});
