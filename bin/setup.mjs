// Brings a fresh checkout to the point where the tool can run. Plain JavaScript without dependencies: it installs them.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Installs the npm packages that the lock file names, unless they are there, and compiles the sources. */
export function setUp() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs) {
    // Not `npm ci`: it refuses a lock file without the native packages of platforms that a registry mirror may not carry.
    const args = ['install', '--no-save', '--no-audit']
    step('installing npm packages', 'npm', args, 'check that the npm registry can be reached')
  }
  step('compiling', 'npm', ['run', '--silent', 'build'])
}

/** Runs a program with our own input and output; returns its exit status. */
export function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (error) throw error
  return status ?? 1
}

function step(doing, program, args, hint) {
  console.error(`mmaudit: ${doing}`)
  if (run(program, args) === 0) return
  console.error(`mmaudit: ${doing} failed${hint === undefined ? '' : `: ${hint}`}`)
  process.exit(2)
}
