import { safeParseAsync } from 'zod/v4/core';
import { PermanentError } from '../errors.ts';
import { describeIssues } from '../parse-envelope.ts';
import type { Step } from './step.ts';

/** Holds the data against the agent's input schema; the handler gets what the schema made of it. @throws PermanentError `ValidationError` */
export const validate = (): Step => ({
  before: async function validate({ event: passage }) {
    const parsed = await safeParseAsync(passage.agent.input, passage.data);
    if (!parsed.success)
      throw new PermanentError('ValidationError', `data: ${describeIssues(parsed.error, passage.data)}`, { cause: parsed.error });
    passage.data = parsed.data;
  },
});
