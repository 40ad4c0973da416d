import type { AgentDetails, DescribedCapability } from '../../../client/index.ts';
import { folded } from '../../folded.ts';
import { meshCommand } from '../../mesh-command.ts';
import { printableLine } from '../../printable.ts';
import { rolloutLine } from '../rollout/rollout-text.ts';
import { ejectedText, healthText, lastSeenText, latencyText, waitText } from './agent-facts.ts';

interface Surroundings {
  readonly nowMs: number;
  /** The width of the terminal; `undefined` where the output is none. */
  readonly columns: number | undefined;
  /** The options that find the mesh. */
  readonly flags: string;
}

/** Of the names of facts. */
const NAME_COLUMNS = 16;

/** Everything about an agent, as text. A command is one line, that it can be copied. */
export function detailsText(details: AgentDetails, { nowMs, columns = Infinity, flags }: Surroundings): string {
  const line = (text: string, indent: number) => folded(printableLine(text), columns, indent);
  const fact = ([name, value]: readonly [string, string]) => line(`  ${name.padEnd(NAME_COLUMNS)}${value}`, NAME_COLUMNS + 2);
  const { agent, version, app, description, capabilities, isPaused } = details;
  return [
    line(`${agent} ${version}${app === undefined ? '' : `, deployed by the app '${app}'`}`, 2),
    line(`  ${description ?? 'It has no card: deploy its stack with this version for descriptions.'}`, 2),
    '',
    ...facts(details, nowMs).map(fact),
    ...(isPaused === true ? [`  ${meshCommand(['resume', agent], flags)}`] : []),
    '',
    'Capabilities:',
    ...capabilities.flatMap((capability) => capabilityLines(capability, nowMs).map((text) => line(text, 6))),
  ].join('\n');
}

function facts(details: AgentDetails, nowMs: number): readonly (readonly [string, string])[] {
  const { p95Ms, expectedWaitSeconds, errorShare, at, queues, sendsTo, calls, receivesReplies, authentication, actions } = details;
  const depth = (of: keyof NonNullable<typeof queues>) => (queues === undefined ? '-' : depthText(queues[of]));
  return [
    ['health', ejectedText(details) || healthText(details)],
    ['last seen', lastSeenText(at, nowMs)],
    ['p95', `${latencyText(p95Ms)} of waiting and handling`],
    ['wait', `${waitText(expectedWaitSeconds)} for a message that is sent now`],
    ['failed', errorShare === undefined ? '-' : `${Math.round(errorShare * 100)}% of attempts`],
    ['inbox', depth('inbox')],
    ['error queue', depth('errors')],
    ['dead letters', depth('deadLetters')],
    ['concurrency', String(details.concurrency)],
    ['latency goal', `${waitText(details.latencyGoalSeconds)} of waiting at most`],
    ['authentication', authentication],
    ['sends to', listed(sendsTo)],
    ['calls', listed(calls)],
    ['replies', receivesReplies ? 'of every agent' : 'none'],
    ...Object.entries(actions).map(([action, { types, allow }], nth): [string, string] => [
      nth === 0 ? 'actions' : '',
      `${action}: types ${listed(types)}; roles ${listed(allow)}`,
    ]),
  ];
}

const depthText = ({ visible, inFlight, delayed }: NonNullable<AgentDetails['queues']>['inbox']): string =>
  `${visible} waiting, ${inFlight} in flight${delayed > 0 ? `, ${delayed} delayed` : ''}`;

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

function capabilityLines(capability: DescribedCapability, nowMs: number): readonly string[] {
  const { id, name, description, tags, examples, weight, rollout } = capability;
  const text = [name, description].filter((part) => part !== undefined).join(': ');
  return [
    `  ${[id, ...(weight === undefined ? ['no weight yet'] : [`weight ${weight}`]), ejectedText(capability)].filter(Boolean).join(', ')}`,
    ...(rollout === undefined ? [] : [`    Rollout: ${rolloutLine(rollout, nowMs)}`]),
    ...(text === '' ? [] : [`    ${text}`]),
    ...(tags.length === 0 ? [] : [`    Tags: ${tags.join(', ')}`]),
    ...examples.map((example) => `    Example: ${example}`),
  ];
}
