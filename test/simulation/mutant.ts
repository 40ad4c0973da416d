import type { CampaignWorld } from './world.ts';

/** A deliberate break of the runtime: text of its files, replaced. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Where the search begins. */
  readonly firstSeed: number;
  /** What it breaks is used in a world of its own. @default the runtime alone, with agents that name those they send to */
  readonly world?: CampaignWorld;
}

export interface Edit {
  /** Relative to functions/runtime. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Makes the mutants of a world. @param firstSeeds where the search for a rare one begins, if not at the first seed */
export const mutantsOf =
  (firstSeeds: Readonly<Record<string, number>>, world?: CampaignWorld) =>
  (name: string, ...edits: readonly Edit[]): Mutant => ({ name, edits, firstSeed: firstSeeds[name] ?? 1, ...(world && { world }) });

export const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });
