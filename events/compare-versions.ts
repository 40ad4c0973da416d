import compareBuild from 'semver/functions/compare-build.js';
import valid from 'semver/functions/valid.js';

/** Orders versions, the lowest first. What is no semantic version, which an older version of Posthorn let pass, is the lowest. */
export const compareVersions = (one: string, other: string): number => compareBuild(valid(one) ?? LOWEST, valid(other) ?? LOWEST);

const LOWEST = '0.0.0-0';
