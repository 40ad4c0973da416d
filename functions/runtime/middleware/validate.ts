import { safeParseAsync } from 'zod/v4/core';
import { describeIssues } from '../../../events/describe-issues.ts';
import { PermanentError } from '../failure/errors.ts';
import type { Step } from './step.ts';

/** Parses the data with the agent's input schema; the handler gets the schema's output. @throws PermanentError `ValidationError` */
export const validate = (): Step => ({
  before: async function validate({ event: delivery }) {
    const parsed = await safeParseAsync(delivery.agent.input, delivery.data);
    if (!parsed.success)
      throw new PermanentError('ValidationError', `data: ${describeIssues(parsed.error, delivery.data)}`, { cause: parsed.error });
    delivery.data = parsed.data;
  },
});
