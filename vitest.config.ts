import { defineConfig } from 'vitest/config';

const stack = ['test/e2e/**/*.test.ts', 'test/chaos/**/*.test.ts'];

/** `unit` needs no server; `stack` starts Temporal, the store and workers, one file after the other. */
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: stack,
          maxWorkers: 2,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'stack',
          include: stack,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
