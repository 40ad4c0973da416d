import { styleText } from 'node:util';
import type { LogLine } from '../../../../local/lambda/function-worker.ts';
import { meshFlags } from '../../../mesh-flags.ts';
import { printableLine } from '../../../printable.ts';
import type { Settings } from '../../../settings.ts';
import { type DeliveryEvent, type FunctionFailure, readLogLine } from './read-log-line.ts';

const COLOURS = { processed: 'green', rejected: 'yellow', 'dead-lettered': 'red', retry: 'yellow', duplicate: 'dim' } as const;
/** The command that shows the messages of an outcome. */
const QUEUE_COMMANDS = { rejected: 'errors', 'dead-lettered': 'dlq' } as const;

const OUTCOME_WIDTH = 14;
const INDENT = ' '.repeat(10);

/**
 * Renders the end of each delivery from the functions' log lines, as text or as NDJSON.
 *
 * @param columns the terminal's width
 * @returns the lines to print for one log line; empty for most
 */
export function liveView(settings: Settings, columns: number): (line: LogLine) => readonly string[] {
  const remedies = new Set<string>();
  let agentWidth = 0;
  const once = (remedy: string | undefined) => {
    if (remedy === undefined || remedies.has(remedy)) return [];
    remedies.add(remedy);
    return [INDENT + styleText('cyan', remedy)];
  };
  return (line) => {
    const event = readLogLine(line, settings);
    if (event === undefined) return [];
    if (settings.json) return [JSON.stringify(event)];
    agentWidth = Math.max(agentWidth, event.agent.length);
    const opening = `${new Date(event.time).toLocaleTimeString('en-GB')}  ${event.agent.padEnd(agentWidth)}`;
    if ('failure' in event) return [failureLine(event, opening, columns)];
    return [messageLine(event, opening), ...reasonLine(event, columns), ...once(remedyFor(event, settings))];
  };
}

/** Never cuts the id: users copy it. */
function messageLine({ outcome, messageId = '', durationMs, failedAttempts, delaySeconds }: DeliveryEvent, opening: string): string {
  const label = outcome === 'retry' && delaySeconds !== undefined ? `retry in ${delaySeconds} s` : outcome;
  const tries = outcome === 'processed' ? failedAttempts + 1 : failedAttempts;
  const ending = `${durationMs.toLocaleString('en')} ms${tries > 1 ? `, ${tries} tries` : ''}`;
  return [opening, styleText(COLOURS[outcome], label.padEnd(OUTCOME_WIDTH)), printableLine(messageId), styleText('dim', ending)].join('  ');
}

function failureLine({ failure }: FunctionFailure, opening: string, columns: number): string {
  const room = columns - opening.length - OUTCOME_WIDTH - 2 * 2;
  return [opening, styleText('red', 'failed'.padEnd(OUTCOME_WIDTH)), shortened(failure, room)].join('  ');
}

/** Only the first line of a reason. The log file has the rest. */
function reasonLine({ code, reason }: DeliveryEvent, columns: number): readonly string[] {
  const why = [code, reason].filter(Boolean).join(': ');
  return why === '' ? [] : [INDENT + shortened(why, columns - INDENT.length)];
}

function remedyFor({ outcome, agent }: DeliveryEvent, settings: Settings): string | undefined {
  if (outcome !== 'rejected' && outcome !== 'dead-lettered') return undefined;
  return `npx posthorn ${QUEUE_COMMANDS[outcome]} show ${agent} ${meshFlags(settings)}`;
}

function shortened(text: string, width: number): string {
  const [firstLine = ''] = text.split('\n', 1);
  const line = printableLine(firstLine);
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
