import { defineConfig } from 'vitest/config'

const setupFiles = ['test/support/random.ts']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**'],
          setupFiles
        }
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles,
          globalSetup: 'test/support/servers.ts',
          // Server starts and waits for replication, on machines that do other work as well.
          testTimeout: 180_000,
          hookTimeout: 300_000,
          // Two cores: more files at once would only make every server slower.
          maxWorkers: 2
        }
      }
    ]
  }
})
