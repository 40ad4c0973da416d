import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { CountReporter } from './test/helpers/count-reporter.ts';

// The package's own name means its sources here. The others are Vitest's defaults, which a list replaces.
const ssr = { resolve: { conditions: ['posthorn-source', 'node', 'development|production'] } };

/** Minutes of work, or processes that are killed: `npm run test:slow`, which CI runs after `npm test`. */
const SLOW = 'test/**/*.slow.test.ts';

/** Replaces modules, which must not reach files that share its process. */
const ISOLATED = 'test/**/*.isolated.test.ts';

// Limits are for what hangs: a machine may be ten times as busy as the one they were written on.
const limits = (seconds: number) => ({ testTimeout: seconds * 1_000, hookTimeout: seconds * 1_000 });

/** Files of a project share processes, and in them what they import: loading the AWS SDK or the CDK takes seconds. */
const project = (name: string) => ({
  ssr,
  test: { name, include: [`test/${name}/**/*.test.ts`], exclude: [SLOW, ISOLATED], isolate: false, maxConcurrency: 20, ...limits(300) },
});

export default defineConfig({
  test: {
    // Tests of the mesh wait more than they work: on two cores, one file at a time would leave them idle.
    maxWorkers: Math.max(3, availableParallelism()),
    reporters: ['default', new CountReporter()],
    projects: [
      ...['unit', 'property', 'simulation', 'infra', 'integration', 'e2e'].map(project),
      { ssr, test: { name: 'isolated', include: [ISOLATED], ...limits(300) } },
      { ssr, test: { name: 'slow', include: [SLOW], isolate: false, maxConcurrency: 4, ...limits(900) } },
    ],
  },
});
