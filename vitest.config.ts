import { defineConfig } from 'vitest/config';
import { CountReporter } from './test/helpers/count-reporter.ts';

const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  test: {
    reporters: ['default', new CountReporter()],
    projects: [
      project('unit', 5_000),
      project('property', 30_000),
      project('simulation', 120_000),
      project('infra', 60_000),
      project('integration', 120_000),
    ],
  },
});
