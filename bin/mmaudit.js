#!/usr/bin/env node
// Runs the bundled command, by what V8 made of it in an earlier run: compiling it takes as long as auditing a small table.
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

/** A SHA-256 at the end of what was kept. */
const PROOF_BYTES = 32
/** Characters of the hash with which the bundle ends. */
const NAME_LENGTH = 64

const folder = fileURLToPath(new URL('../dist/command/', import.meta.url))
const filename = `${folder}mmaudit.cjs`
const source = readFileSync(filename, 'latin1')
const compiled = placeFor(process.argv[2])
const cachedData = compiled === null ? undefined : read(compiled)
const script = new Script(`(function (require, module, exports, __filename) {${source}\n})`, { filename, cachedData })
if (cachedData === undefined || script.cachedDataRejected) process.on('exit', keep)
const module = { exports: {} }
script.runInThisContext()(createRequire(filename), module, module.exports, filename)

/** Each command has a file of its own: it holds what a run of that command had to compile. */
function placeFor(command) {
  if (command === undefined || !/^([a-z]+|--version)$/.test(command)) return null
  return `${folder}${source.slice(-NAME_LENGTH)}-${process.version}-${process.arch}-${command}.cache`
}

/** V8 looks at the length of what it is given, and runs it whatever it has become on the disk: so it is proved here. */
function read(path) {
  try {
    const file = readFileSync(path)
    const code = file.subarray(0, -PROOF_BYTES)
    return proofOf(code).equals(file.subarray(-PROOF_BYTES)) ? code : undefined
  } catch {
    return undefined
  }
}

function proofOf(code) {
  return createHash('sha256').update(code).digest()
}

/**
 * Keeps what was compiled beside the bundle, where only those can write who could change the bundle as well. Whoever cannot
 * does without. Only a run that did its work knows what that takes.
 */
function keep(status) {
  if (compiled === null || status > 1 || process.argv.includes('--help')) return
  const written = `${compiled}.${process.pid}`
  try {
    // V8 takes it only under the flags it was made with: those that the command changes (`small-heap.ts`) are put back.
    setFlagsFromString('--semi-space-growth-factor=2')
    setFlagsFromString('--heap-growing-percent=0')
    const file = openSync(written, 'wx')
    const code = script.createCachedData()
    writeSync(file, Buffer.concat([code, proofOf(code)]))
    fsyncSync(file)
    closeSync(file)
    renameSync(written, compiled)
  } catch {
    rmSync(written, { force: true })
  }
}
