import { defineConfig } from 'vitest/config'

const setupFiles = ['test/support/random.ts']

// One seed for every property test of a run, said once; `MMAUDIT_SEED` replays it.
process.env.MMAUDIT_SEED ??= String(Math.trunc(Math.random() * 2 ** 31))
process.stderr.write(`property tests: MMAUDIT_SEED=${process.env.MMAUDIT_SEED}\n`)

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**'],
          setupFiles
        }
      },
      {
        test: {
          name: 'integration',
          // After the unit tests: what those find need not be waited for.
          sequence: { groupOrder: 1 },
          include: ['test/integration/**/*.test.ts'],
          setupFiles,
          globalSetup: 'test/support/servers.ts',
          // Server starts and waits for replication, on machines that do other work as well.
          testTimeout: 180_000,
          hookTimeout: 300_000,
          // Two cores, and tests that wait for replication half of the time.
          maxWorkers: 3
        }
      }
    ]
  }
})
