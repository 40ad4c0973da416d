import * as z from 'zod/mini';

/** What a message makes its agent do. */
export const KINDS = ['ok', 'slow', 'flaky', 'limited', 'permanent', 'bug', 'kills', 'loops', 'hangs', 'late', 'unfit'] as const;
export type Kind = (typeof KINDS)[number];

export const dataSchema = z.object({
  kind: z.enum(KINDS),
  tag: z.string(),
  /** Overwriting stored content breaks it. */
  seal: z.string(),
  /** The version of the agent that no longer stumbles over this; 0 for none. */
  fixedIn: z.int(),
  pad: z.optional(z.string()),
  /** An agent's handler changes what it is given, as handlers do: it is the very object that was parsed. */
  scratch: z.custom<{ handling?: number }>(),
});

export type Data = z.output<typeof dataSchema>;

/** What does not fit the agents' schema has a number where text is due. */
export const wireOf = (data: Data) => (data.kind === 'unfit' ? { ...data, tag: 17 } : data);
