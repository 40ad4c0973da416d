import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { CountReporter } from './test/helpers/count-reporter.ts';

// The package's own name means its sources here. The others are Vitest's defaults, which a list replaces.
const ssr = { resolve: { conditions: ['posthorn-source', 'node', 'development|production'] } };

// Limits are for what hangs: a machine may be eight times as busy as the one they were written on.
const project = (name: string, testTimeout: number) => ({
  ssr,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, maxConcurrency: 20 },
});

export default defineConfig({
  test: {
    // Tests of the mesh wait more than they work: on two cores, one file at a time would leave them idle.
    maxWorkers: Math.max(3, availableParallelism()),
    reporters: ['default', new CountReporter()],
    projects: [
      project('unit', 30_000),
      project('property', 60_000),
      project('simulation', 300_000),
      // Loading aws-cdk-lib takes seconds: once is enough.
      { ssr, test: { ...project('infra', 120_000).test, isolate: false } },
      project('integration', 240_000),
      project('e2e', 240_000),
    ],
  },
});
