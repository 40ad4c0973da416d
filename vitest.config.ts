import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { CountReporter } from './test/helpers/count-reporter.ts';

// The package's own name means its sources here. The others are Vitest's defaults, which a list replaces.
const ssr = { resolve: { conditions: ['posthorn-source', 'node', 'development|production'] } };

/** Minutes of work, or processes that are killed: `npm run test:slow`, which CI runs after `npm test`. */
const SLOW = 'test/**/*.slow.test.ts';

/** Replaces modules, which must not reach files that share its process. */
const ISOLATED = 'test/**/*.isolated.test.ts';

// Limits are for what hangs: a machine may be ten times as busy as the one they were written on.
const project = (name: string, limitSeconds: number, options: { readonly include?: string; readonly isolate?: boolean } = {}) => {
  const { include = `test/${name}/**/*.test.ts`, isolate = false } = options;
  const exclude = [SLOW, ISOLATED].filter((pattern) => pattern !== include);
  const limits = { testTimeout: limitSeconds * 1_000, hookTimeout: limitSeconds * 1_000 };
  return { ssr, test: { name, include: [include], exclude, isolate, maxConcurrency: 20, ...limits } } satisfies TestProjectConfiguration;
};

export default defineConfig({
  test: {
    // Tests of the mesh wait more than they work: on two cores, one file at a time would leave them idle.
    maxWorkers: Math.max(3, availableParallelism()),
    reporters: ['default', new CountReporter()],
    // Files of a project share processes, and in them what they import: loading the AWS SDK or the CDK takes seconds.
    projects: [
      project('unit', 120),
      project('isolated', 120, { include: ISOLATED, isolate: true }),
      project('property', 120),
      project('simulation', 300),
      project('infra', 240),
      project('integration', 300),
      project('e2e', 300),
      project('slow', 900, { include: SLOW }),
    ],
  },
});
