import fc from 'fast-check'

/** Property tests: `MMAUDIT_RUNS` sets how many cases each one tries, `MMAUDIT_SEED` (see vitest.config.ts) replays a run. */
fc.configureGlobal({
  numRuns: Number(process.env.MMAUDIT_RUNS ?? 100),
  seed: Number(process.env.MMAUDIT_SEED)
})
