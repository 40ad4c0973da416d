import { InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { idSchema } from '../../../events/envelope.ts';

/** Parses the id of an agent on the command line. */
export function agentId(text: string): string {
  const parsed = z.safeParse(idSchema, text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`An agent's id ${parsed.error.issues[0]?.message}.`);
}
