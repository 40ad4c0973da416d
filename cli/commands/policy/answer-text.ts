import { styleText } from 'node:util';
import { closestMatch } from 'leven';
import { type AccessRecord, ANY } from '../../../events/access-record.ts';
import { printableLine } from '../../printable.ts';
import { type Answer, actionsOf, type Question, sendersOf } from './answer.ts';

const MAX_NAMED = 20;

/** The answer for a person: yes or no first, as `kubectl auth can-i` does, then what it rests on. */
export function answerText(question: Question, answer: Answer, access: AccessRecord): string {
  const verdict = answer.allowed ? styleText('green', 'yes') : styleText('red', 'no');
  const facts = answer.principal === undefined ? strangerFacts(question, access) : senderFacts(question, answer, access);
  const lines = facts.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${printableLine(text)}`);
  return [`${verdict} - ${printableLine(answer.reason)}`, ...lines].join('\n');
}

type Fact = readonly [label: string, text: string];

const LABEL_WIDTH = 'registered  '.length;

function senderFacts({ agent, action: asked }: Question, answer: Answer, access: AccessRecord): readonly Fact[] {
  const { principal, action, isType, rule } = answer;
  const { sources = [], onBehalfOf = false, grants = {} } = principal ?? {};
  return [
    ...(rule === undefined ? [] : [['rule', rule] as const]),
    ...(isType ? typeFacts(asked, action, agent, access) : []),
    ...(answer.allowed ? [] : [['allowed', actionList(Object.keys(grants))] as const]),
    ...(answer.allowed ? [['sources', sources.join(', ') || 'those of the principal that presents its token'] as const] : []),
    ...(answer.allowed && onBehalfOf ? [['authid', 'believed: it may send on behalf of users'] as const] : []),
    ...(answer.allowed && access.needsToken === true ? [['token', `needed: '${agent}' wants one with each message`] as const] : []),
  ];
}

function typeFacts(asked: string, action: string, agent: string, access: AccessRecord): readonly Fact[] {
  if (Object.hasOwn(access.actions, asked)) return [['type', `messages of type '${asked}' ask for '${action}'`]];
  const meant = closestMatch(asked, actionsOf(access), { maxDistance: 2 });
  const hint = meant === undefined || meant === ANY ? '' : `; did you mean '${meant}'?`;
  return [['type', `'${asked}' is no action of '${agent}': as a message type it asks for '${action}'${hint}`]];
}

const actionList = (actions: readonly string[]): string => (actions.length === 0 ? 'nothing' : [...actions].sort().join(', '));

function strangerFacts({ sender }: Question, access: AccessRecord): readonly Fact[] {
  const names = sendersOf(access).map(({ name }) => name);
  const near = closestMatch(sender, names, { maxDistance: Math.max(2, Math.floor(sender.length / 4)) });
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return [
    ...(near === undefined ? [] : [['meant', `did you mean '${near}'?`] as const]),
    ['registered', names.length === 0 ? 'nobody' : `${names.slice(0, MAX_NAMED).join(', ')}${more}`],
    ['remedy', "add its role to the policy's producers, and deploy the policy"],
  ];
}
