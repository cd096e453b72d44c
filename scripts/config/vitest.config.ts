import { defineConfig } from 'vitest/config'

const root = `${import.meta.dirname}/../..`
const exclude = ['**/node_modules/**', '**/.local/**', '**/dist/**']
const globalSetup = [`${root}/scripts/local/testing/global-postgres.ts`]

/**
 * Three kinds of tests, told apart by the name of the file: `*.test.ts` needs nothing but this machine and the embedded
 * PostgreSQL, `*.integration.test.ts` needs Redis and RabbitMQ, `*.e2e.test.ts` starts the whole system.
 */
export default defineConfig({
  root,
  test: {
    maxWorkers: 2,
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: ['{functions,scripts}/**/*.test.ts'],
          exclude: [...exclude, '**/*.integration.test.ts', '**/*.e2e.test.ts'],
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        root,
        test: {
          name: 'integration',
          include: ['{functions,scripts}/**/*.integration.test.ts'],
          exclude,
          globalSetup,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          include: ['scripts/**/*.e2e.test.ts'],
          exclude,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
