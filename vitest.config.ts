import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { CountReporter } from './test/helpers/count-reporter.ts';

const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, maxConcurrency: 20 },
});

export default defineConfig({
  test: {
    // Tests of the mesh wait more than they work: on two cores, one file at a time would leave them idle.
    maxWorkers: Math.max(3, availableParallelism()),
    reporters: ['default', new CountReporter()],
    projects: [
      project('unit', 5_000),
      project('property', 30_000),
      project('simulation', 120_000),
      // Loading aws-cdk-lib takes seconds: once is enough.
      { test: { ...project('infra', 60_000).test, isolate: false } },
      project('integration', 120_000),
      project('e2e', 120_000),
    ],
  },
});
