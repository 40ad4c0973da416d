import compareBuild from 'semver/functions/compare-build.js';
import valid from 'semver/functions/valid.js';

/** Orders versions, the lowest first. A text that is not a semantic version, which older versions of Posthorn accepted, is the lowest. */
export const compareVersions = (one: string, other: string): number => compareBuild(valid(one) ?? LOWEST, valid(other) ?? LOWEST);

const LOWEST = '0.0.0-0';

/** The place of each version in their order, the lowest first; the same for those that compare as equal. To sort many by few versions. */
export function versionRanks(versions: readonly string[]): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  let last: string | undefined;
  let rank = 0;
  for (const version of [...new Set(versions)].sort(compareVersions)) {
    if (last !== undefined && compareVersions(last, version) !== 0) rank++;
    ranks.set(version, rank);
    last = version;
  }
  return ranks;
}
