import * as z from 'zod/mini';
import { CliError } from '../../cli-error.ts';

/** The options of `posthorn rollout`, as commander gives them. */
const flagsSchema = z.object({
  to: z.optional(z.string()),
  weight: z.optional(z.number()),
  steps: z.optional(z.array(z.number())),
  /** Milliseconds. */
  every: z.optional(z.number()),
  pause: z.optional(z.literal(true)),
  resume: z.optional(z.literal(true)),
  abort: z.optional(z.literal(true)),
  wait: z._default(z.boolean(), false),
});

/** What is to be done with a capability's rollout. */
export type RolloutTask =
  | { readonly kind: 'show' }
  | { readonly kind: 'weigh'; readonly to: string; readonly weight: number }
  | { readonly kind: 'start'; readonly to: string; readonly steps: readonly number[]; readonly everySeconds: number | undefined }
  | { readonly kind: 'pause' | 'resume' | 'abort' };

/** Reads the options. @throws CliError for those that do not go together */
export function rolloutTask(options: unknown): { readonly task: RolloutTask; readonly wait: boolean } {
  const { to, weight, steps, every, pause, resume, abort, wait } = flagsSchema.parse(options);
  const changes = [pause && ('pause' as const), resume && ('resume' as const), abort && ('abort' as const)].filter(
    (each) => each !== undefined,
  );
  const given = [...changes, ...(weight === undefined ? [] : ['weight']), ...(steps === undefined ? [] : ['steps'])];
  if (given.length > 1) throw new CliError(`--${given.join(' and --')} do not go together`, { remedy: 'Give one of them.' });
  if (every !== undefined && steps === undefined) throw new CliError('--every is for --steps', { remedy: 'Give --steps 10,50,100, too.' });
  const [change] = changes;
  if (to === undefined && (weight !== undefined || steps !== undefined))
    throw new CliError(`--${given[0]} needs --to`, { remedy: 'Name the agent: --to sentiment-v2.' });
  if (to !== undefined && weight === undefined && steps === undefined)
    throw new CliError('--to needs --weight or --steps', { remedy: 'Give --weight 10 for a share at once, or --steps 10,50,100.' });
  if (change !== undefined) return { task: { kind: change }, wait };
  if (to !== undefined && weight !== undefined) return { task: { kind: 'weigh', to, weight }, wait };
  if (to !== undefined && steps !== undefined)
    return { task: { kind: 'start', to, steps, everySeconds: every === undefined ? undefined : every / 1_000 }, wait };
  return { task: { kind: 'show' }, wait };
}
