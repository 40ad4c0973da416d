import { hasId, MeshClient, type RedriveResult } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import { describeError } from '../../describe-error.ts';
import { interruptible } from '../../interrupt.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import { progress } from '../../progress.ts';
import type { Settings } from '../../settings.ts';
import type { FailedQueue } from './failed-queue.ts';
import type { RedriveFlags } from './flags.ts';

/** How many failures are printed; `--json` prints all. */
const MAX_PRINTED_FAILURES = 20;

/** Puts messages back into the agent's inbox. Sets the exit code to 1 if one of them fails. */
export async function redrive(queue: FailedQueue, agent: string, flags: RedriveFlags, settings: Settings): Promise<void> {
  if (flags.all === flags.id.length > 0)
    throw new CliError('which messages?', { remedy: `Give either --id ID... (posthorn ${queue.command} show ${agent}) or --all.` });
  const mesh = new MeshClient(settings);
  try {
    await redriveIn(mesh, queue, agent, flags, settings);
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

async function redriveIn(mesh: MeshClient, queue: FailedQueue, agent: string, flags: RedriveFlags, settings: Settings): Promise<void> {
  const total = flags.all ? (await mesh.depth(agent, queue.kind)).visible : flags.id.length;
  if (flags.all && !flags.dryRun && !flags.yes) {
    const messages = `${total} ${total === 1 ? 'message' : 'messages'}`;
    await confirm(`Put about ${messages} of the ${queue.title} back into the inbox of ${agent}?`, {
      unanswerable: '--all needs a confirmation, and stdin is not a terminal',
      refused: 'nothing was put back',
    });
  }

  const missing = new Set(flags.id);
  const bar = progress(`redriving ${agent}`, total);
  const counts = { redriven: 0, failed: 0, newer: 0 };
  const failures: string[] = [];
  const count = (result: RedriveResult) => {
    const { message, status } = result;
    if (status === 'newer') {
      counts.newer++;
      return;
    }
    for (const id of missing) if (hasId(message, id)) missing.delete(id);
    const shownId = printableLine(message.id ?? message.messageId);
    const outcome = status === 'failed' ? { status, reason: reasonOf(result.error, settings) } : { status, generation: result.generation };
    if (settings.json)
      printJson({ agent, messageId: message.messageId, id: message.id ?? null, source: message.source ?? null, ...outcome });
    else if (status === 'would-redrive') console.log(`${shownId} would go back${generationOf(result.generation)}`);
    if (status === 'failed') {
      counts.failed++;
      if (!settings.json) failures.push(`${shownId}: ${printableLine(reasonOf(result.error, settings))}`);
    } else counts.redriven++;
    bar.update(counts.redriven + counts.failed, counts.redriven);
  };
  try {
    await interruptible(async (signal) => {
      const ids = flags.all ? undefined : flags.id;
      for await (const result of mesh.redrive(agent, queue.kind, { ids, dryRun: flags.dryRun, signal })) count(result);
    });
  } finally {
    bar.stop();
    for (const line of failures.slice(0, MAX_PRINTED_FAILURES)) console.error(line);
    if (failures.length > MAX_PRINTED_FAILURES) console.error(`... and ${failures.length - MAX_PRINTED_FAILURES} more (--json has all)`);
    const summary = `${counts.redriven} ${flags.dryRun ? 'would be put' : 'put'} back into the inbox of ${agent}; ${counts.failed} failed`;
    if (settings.json) console.error(summary);
    else console.log(summary);
    if (counts.newer > 0) console.error(`${counts.newer} arrived while this ran and were left: they may have failed again`);
  }
  if (counts.failed > 0) process.exitCode ??= 1;
  if (missing.size > 0)
    throw new CliError(`the ${queue.title} of ${agent} has no message ${[...missing].map((id) => `'${id}'`).join(', ')}`);
}

const reasonOf = (error: unknown, settings: Settings): string => describeError(error, settings)?.message ?? String(error);

const generationOf = (generation: number | undefined): string => (generation === undefined ? ' as it is' : ` as generation ${generation}`);
