import * as z from 'zod/mini';

/** An action of an agent: `process_documents`. */
export const actionSchema = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_-]{0,47}$/, 'must be 1 to 48 lower-case letters, digits, hyphens and underscores, starting with a letter'));
