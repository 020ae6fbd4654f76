/** How many random cases a property is tried with. */
export const numRuns = Number(process.env.MMAUDIT_RUNS ?? 100)
