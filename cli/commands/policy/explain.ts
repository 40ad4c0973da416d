import { styleText } from 'node:util';
import { MeshClient } from '../../../client/index.ts';
import { type AccessRecord, type Principal, REDRIVE_ACTION } from '../../../events/access-record.ts';
import { actionOf, knownPrincipal, ruleFor } from '../../../functions/runtime/trust/sender.ts';
import { CliError } from '../../cli-error.ts';
import { printJson } from '../../print-json.ts';
import { printable } from '../../printable.ts';
import type { Settings } from '../../settings.ts';

export interface Question {
  readonly sender: string;
  readonly agent: string;
  /** An action, or a message type of the agent. */
  readonly action: string;
}

/** Whether the sender may, and why. */
export interface Answer {
  readonly allowed: boolean;
  readonly action: string;
  readonly rule?: string;
  readonly reason: string;
}

/** Prints whether a sender may do an action at an agent. The exit code is 0 for yes and 1 for no. */
export async function explain(question: Question, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    const access = await mesh.access(question.agent);
    if (access === undefined) {
      const known = (await mesh.accessRecords()).map(({ agent }) => agent);
      throw new CliError(`Agent '${question.agent}' is not registered in mesh ${mesh.name.prefix}-${mesh.name.stage}`, {
        remedy: known.length === 0 ? 'The registry has no agent yet: deploy the agents first.' : `Registered are ${known.join(', ')}.`,
      });
    }
    const answer = answerTo(question, access);
    if (settings.json) printJson({ ...question, ...answer });
    else console.log(`${answer.allowed ? styleText('green', 'yes') : styleText('red', 'no')}: ${printable(answer.reason)}`);
    if (!answer.allowed) process.exitCode = 1;
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

/** Decides as the agent's runtime does. */
export function answerTo({ sender, agent, action: asked }: Question, access: AccessRecord): Answer {
  const action = asked === REDRIVE_ACTION || Object.values(access.actions).includes(asked) ? asked : actionOf(access, asked);
  const found = findSender(access, sender);
  if (found === undefined) {
    const names = Object.values(access.principals).map(({ name }) => name);
    return { allowed: false, action, reason: `${sender} is not registered in the mesh; registered are ${names.join(', ') || 'none'}` };
  }
  const rule = ruleFor(found, action);
  if (rule === undefined) return { allowed: false, action, reason: `no rule allows ${found.name} to do '${action}' at '${agent}'` };
  return { allowed: true, action, rule, reason: `${found.name} may do '${action}' at '${agent}' by ${rule}, ${sourcesOf(found)}` };
}

const findSender = (access: AccessRecord, sender: string): Principal | undefined =>
  Object.values(access.principals).find(({ name }) => name === sender) ?? knownPrincipal(access, sender);

const sourcesOf = ({ sources }: Principal): string => `as source ${sources.join(', ')}`;
