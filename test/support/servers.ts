import { spawnSync } from 'node:child_process'
import type { TestProject } from 'vitest/node'
import { findServerKinds } from './server-kinds.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The kinds of servers to test on; see `server-kinds.ts`. */
    readonly serverKinds: readonly string[]
  }
}

/** Runs once before the integration tests: compiles the command under test and finds the servers to test it on. */
export default async function setup(project: TestProject): Promise<void> {
  const compiled = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  if (compiled.status !== 0) throw new Error('the sources do not compile')

  const list = process.env.MMAUDIT_TEST_SERVERS
  const { available, leftOut } = await findServerKinds(list)
  for (const { kind, reason } of leftOut) {
    process.stderr.write(`\n*** LEFT OUT: no test runs on ${kind}: ${reason}\n\n`)
  }
  // Whoever asked for a kind by name, and CI, must not take a run without it for a green one.
  const wanted = list !== undefined || process.env.CI === 'true'
  if (leftOut.length > 0 && wanted)
    throw new Error(`server kinds left out: ${leftOut.map(({ kind }) => kind).join(', ')}`)
  if (available.length === 0) throw new Error('there is no server to test on')
  if (available.some((kind) => kind.includes('://'))) {
    const suites = 'suites that start, stop or cut off servers, or leave databases behind'
    process.stderr.write(`\n*** LEFT OUT where servers are not the tests' own: ${suites}\n\n`)
  }
  process.stderr.write(`integration tests run on: ${available.join(', ')}\n`)
  project.provide('serverKinds', available)
}
