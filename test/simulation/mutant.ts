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

export const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });
