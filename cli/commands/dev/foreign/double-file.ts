import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { describeIssues } from '../../../../events/describe-issues.ts';
import { idSchema } from '../../../../events/envelope.ts';
import { versionSchema } from '../../../../functions/runtime/agent/define-agent.ts';
import { CliError } from '../../../cli-error.ts';

/** Where a project has what the doubles of foreign agents answer, `<agent id>.json` each. */
export const DOUBLES_FOLDER = 'doubles';

const text = z.string('must be a string');

const answerSchema = z
  .strictObject({
    /** Both must fit; without either, every message does. */
    when: z.prefault(
      z.strictObject({
        /** The CloudEvents type. */
        type: z.optional(text),
        /** What the data must have; it may have more. */
        data: z.optional(z.unknown()),
      }),
      {},
    ),
    /** The data of the reply. */
    reply: z.optional(z.unknown()),
    /** Messages to other agents of the mesh. */
    send: z._default(
      z.array(
        z.strictObject({ to: idSchema, data: z.nonoptional(z.unknown(), 'must be there'), type: z.optional(text) }),
        'must be an array of { to, data, type }',
      ),
      [],
    ),
    /** The attempt fails; the message is retried and then dead-lettered, or rejected at once. */
    fail: z.optional(z.enum(['transient', 'permanent'], "must be 'transient' or 'permanent'")),
  })
  .check(
    z.refine(({ fail, reply, send }) => fail === undefined || (reply === undefined && send.length === 0), {
      path: ['fail'],
      error: 'must be alone: a message that fails has no reply and sends nothing',
    }),
  );

const answersSchema = z.array(answerSchema, 'must be an array of answers');

const versionedSchema = z.strictObject({ version: versionSchema, answers: z._default(answersSchema, []) });

/** What a file says of a double. */
export interface DoubleFile {
  /** Of the agent that it stands for. @default 1.0.0 */
  readonly version: string;
  readonly answers: readonly DoubleAnswer[];
}

const DEFAULT_VERSION = '1.0.0';

/** What a double does with the messages that an answer fits. */
export type DoubleAnswer = z.output<typeof answerSchema>;

/** The file of a double, relative to the project. */
export const doubleFile = (agentId: string): string => join(DOUBLES_FOLDER, `${agentId}.json`);

/**
 * Reads what the double of a foreign agent is and answers: nothing when there is no file.
 *
 * @throws CliError that names the file, each wrong field and the kind of its value
 */
export async function readDoubleFile(projectDirectory: string, agentId: string): Promise<DoubleFile> {
  const file = doubleFile(agentId);
  let json: string;
  try {
    json = await readFile(join(projectDirectory, file), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return { version: DEFAULT_VERSION, answers: [] };
    throw new CliError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return parseDoubleFile(json, file);
}

/** @throws CliError as {@link readDoubleFile} */
export function parseDoubleFile(json: string, file: string): DoubleFile {
  const remedy = 'docs/cli.md describes the file: a list of { "when", "reply", "send", "fail" }.';
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new CliError(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause, remedy });
  }
  const parsed = isVersioned(value) ? versionedSchema.safeParse(value) : answersSchema.safeParse(value);
  if (!parsed.success) throw new CliError(`${file}: ${describeIssues(parsed.error, value)}`, { cause: parsed.error, remedy });
  return Array.isArray(parsed.data) ? { version: DEFAULT_VERSION, answers: parsed.data } : parsed.data;
}

const isVersioned = (value: unknown): boolean => typeof value === 'object' && value !== null && 'version' in value;
