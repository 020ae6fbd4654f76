// `npm test`: installs what is missing, then runs the whole suite. Further arguments go to vitest.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run, setUp } from '../bin/setup.mjs'

setUp()
const folder = mkdtempSync(join(tmpdir(), 'mmaudit-test-'))
const results = join(folder, 'results.json')
const status = run(process.execPath, [
  join(root, 'node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
  ...process.argv.slice(2)
])
try {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(results, 'utf8'))
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`)
} catch {
  console.log('no test results were written')
}
rmSync(folder, { recursive: true, force: true })
process.exit(status)
