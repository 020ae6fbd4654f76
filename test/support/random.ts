import fc from 'fast-check'

/**
 * Property tests: `MMAUDIT_RUNS` sets how many cases each one tries, `MMAUDIT_SEED` replays a run. fast-check prints the
 * seed of a failing case; this prints that of every run, for failures outside its sight.
 */
const seed = Number(process.env.MMAUDIT_SEED ?? Math.trunc(Math.random() * 2 ** 31))
fc.configureGlobal({ numRuns: Number(process.env.MMAUDIT_RUNS ?? 100), seed })
process.stdout.write(`property tests: MMAUDIT_SEED=${seed}\n`)
