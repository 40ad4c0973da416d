import { styleText } from 'node:util';
import { closestMatch } from 'leven';
import { type AccessRecord, ANY, REDRIVE_ACTION, REPLY_ACTION } from '../../../events/access-record.ts';
import { EDGE_ID } from '../../../events/names.ts';
import { printableLine } from '../../printable.ts';
import { wrap } from '../dev/terminal/wrap.ts';
import { type Answer, actionsOf, allowedTo, type Question, sendersOf } from './answer.ts';

const MAX_NAMED = 20;
const LABEL_WIDTH = '  registered  '.length;

/**
 * The answer for a person: yes or no first, as `kubectl auth can-i` does, then what it rests on.
 *
 * @param columns the width of the terminal
 */
export function answerText(question: Question, answer: Answer, access: AccessRecord, columns: number): string {
  const verdict = answer.allowed ? styleText('green', 'yes') : styleText('red', 'no');
  const facts = answer.principal === undefined ? strangerFacts(question, access) : senderFacts(question, answer, access);
  const lines = facts.map(([label, text]) => wrap(`  ${label}`.padEnd(LABEL_WIDTH) + printableLine(text), columns, LABEL_WIDTH));
  return [`${verdict} - ${printableLine(answer.reason)}`, ...lines].join('\n');
}

type Fact = readonly [label: string, text: string];

function senderFacts(question: Question, answer: Answer, access: AccessRecord): readonly Fact[] {
  const facts: Fact[] = [];
  if (answer.rule !== undefined) facts.push(['rule', answer.rule]);
  if (answer.isType) facts.push(...typeFacts(question, answer, access));
  const { sources = [], onBehalfOf = false } = answer.principal ?? {};
  const allowed = answer.principal === undefined ? [] : allowedTo(access, answer.principal);
  if (!answer.allowed) return [...facts, ['allowed', allowed.toSorted().join(', ') || 'nothing']];
  if (access.agent === EDGE_ID) return [...facts, ['token', `required: with the audience <prefix>-<stage>/${EDGE_ID}`]];
  if (answer.action === REDRIVE_ACTION) facts.push(['sources', 'any that the original sender may use']);
  else facts.push(['sources', sources.join(', ') || 'those of the principal that presents the token']);
  if (onBehalfOf) facts.push(['authid', 'may be set: it may send on behalf of users']);
  if (access.needsToken === true) facts.push(['token', `required: '${question.agent}' accepts no message without one`]);
  return facts;
}

function typeFacts({ agent, action: asked }: Question, { action }: Answer, access: AccessRecord): readonly Fact[] {
  const fact: Fact = ['type', `messages of type '${asked}' ask for '${action}'`];
  if (Object.hasOwn(access.actions, asked) || action === REPLY_ACTION) return [fact];
  const meant = closestMatch(asked, actionsOf(access), { maxDistance: 2 });
  const hint = meant === undefined || meant === ANY ? '' : `, did you mean '${meant}'?`;
  return [fact, ['note', `'${asked}' is neither an action nor a type of '${agent}'${hint}`]];
}

function strangerFacts({ sender }: Question, access: AccessRecord): readonly Fact[] {
  const names = sendersOf(access).map(({ name }) => name);
  const near = closestMatch(sender, names, { maxDistance: Math.max(2, Math.floor(sender.length / 4)) });
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return [
    ...(near === undefined ? [] : [['note', `did you mean '${near}'?`] as const]),
    ['registered', names.length === 0 ? 'none' : `${names.slice(0, MAX_NAMED).join(', ')}${more}`],
    ['remedy', "add its role to the policy's producers, and deploy the policy"],
  ];
}
