import * as z from 'zod/mini';
import type { AgentDefinition, Message } from '../../../../functions/runtime/agent/agent.ts';
import { defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { Content } from '../../../../functions/runtime/content/content.ts';
import { PermanentError, TransientError } from '../../../../functions/runtime/failure/errors.ts';
import { type DoubleAnswer, doubleFile } from './double-file.ts';
import { findAnswer } from './find-answer.ts';

/** A message that a double has received. */
export interface RecordedMessage {
  readonly time: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** Of content that is not JSON: its type, size and digest. */
  readonly data: unknown;
}

export interface DoubleAgentOptions {
  readonly id: string;
  /** @default its id */
  readonly capability?: string | undefined;
  /** Rejects when the file of answers is wrong. */
  readonly answers: Promise<readonly DoubleAnswer[]>;
  /** The agents that the answers send to. */
  readonly sendsTo: readonly string[];
  /** Resolves when the message is written. */
  record(message: RecordedMessage): Promise<void>;
}

/** The double of a foreign agent: it takes every message, records it once, and answers from its file. */
export function doubleAgent({ id, capability = id, answers, sendsTo, record }: DoubleAgentOptions): AgentDefinition {
  /** Messages whose recording failed, or has not ended. */
  const unrecorded = new Set<string>();
  return defineAgent({
    id,
    version: '0.0.0',
    description: `The double of ${id}, an agent of another repository.`,
    capabilities: [{ id: capability, name: capability, description: 'Records and answers.', tags: [] }],
    input: z.unknown(),
    sendsTo,
    async handle(message, context) {
      const recorded = recordOf(message);
      const identity = `${message.source} ${message.id}`;
      if (message.attempt === 1 || unrecorded.delete(identity)) {
        unrecorded.add(identity);
        await record(recorded);
        unrecorded.delete(identity);
      }
      const answer = findAnswer(await answersOf(answers), recorded);
      if (answer === undefined) return;
      if (answer.fail !== undefined) throw failureOf(id, answer.fail);
      if (answer.reply !== undefined) await context.reply(answer.reply);
      for (const { to, data, type } of answer.send) await context.send(to, data, { type });
    },
  });
}

const recordOf = ({ time, id, source, type, data }: Message): RecordedMessage => ({
  ...{ time, id, source, type },
  data: data instanceof Content ? { contentType: data.contentType, sizeBytes: data.sizeBytes, digest: data.digest } : data,
});

/** The file is wrong, not the message: the message is retried. */
async function answersOf(answers: DoubleAgentOptions['answers']): Promise<readonly DoubleAnswer[]> {
  try {
    return await answers;
  } catch (cause) {
    throw new TransientError('DoubleAnswersWrong', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function failureOf(id: string, kind: 'transient' | 'permanent'): Error {
  const message = `${doubleFile(id)} answers this message with a ${kind} failure`;
  return kind === 'transient' ? new TransientError('DoubleFails', message) : new PermanentError('DoubleFails', message);
}
