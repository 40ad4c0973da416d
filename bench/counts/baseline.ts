import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Contestant } from '../compare/contestant.ts';
import type { Counts } from './measure-counts.ts';

/** The ratios that the baseline holds: Posthorn's count divided by the peer's, from one run, so that a change of Node moves both. */
const RATIOS = ['requestsPerTen', 'tableRequestsPerTen', 'writeUnits', 'wireBytes', 'logBytes', 'allocatedBytes', 'coldKib'] as const;

export type Ratio = (typeof RATIOS)[number];

const ratiosSchema = z.record(z.enum(RATIOS), z.number().positive());

export type Ratios = z.output<typeof ratiosSchema>;

/** The largest allowed factor between a ratio and its recorded value. */
export const MAX_REGRESSION = 1.25;

/** Written by `npm run bench -- baseline`. */
export const BASELINE_FILE = new URL('../baseline.json', import.meta.url);

export const readBaseline = (): Ratios => ratiosSchema.parse(JSON.parse(readFileSync(BASELINE_FILE, 'utf8')));

export const ratiosOf = ({ posthorn, powertools }: Readonly<Record<Contestant, Counts>>): Ratios => ({
  requestsPerTen: rounded(posthorn.requestsPerTen / powertools.requestsPerTen),
  tableRequestsPerTen: rounded(posthorn.tableRequestsPerTen / powertools.tableRequestsPerTen),
  writeUnits: rounded(posthorn.writeUnits / powertools.writeUnits),
  wireBytes: rounded(posthorn.wireBytes / powertools.wireBytes),
  logBytes: rounded(posthorn.logBytes / powertools.logBytes),
  allocatedBytes: rounded(posthorn.allocatedBytes / powertools.allocatedBytes),
  coldKib: rounded(posthorn.coldKib / powertools.coldKib),
});

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

/** A sentence for each ratio that is more than {@link MAX_REGRESSION} times the recorded one. */
export const regressions = (now: Ratios, recorded: Ratios): readonly string[] =>
  RATIOS.filter((name) => now[name] > recorded[name] * MAX_REGRESSION).map(
    (name) => `${name}: ${now[name]} of the peer's, recorded ${recorded[name]} (+${Math.round((now[name] / recorded[name] - 1) * 100)}%)`,
  );
