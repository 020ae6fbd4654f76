/**
 * Preloaded into a run of the built command (`node --import`), makes it die, wait, or hear a signal at one exact point:
 * the n-th call that matches. Nothing in `src` knows of it; see fault-point.ts for what `MMAUDIT_TEST_FAULT` says.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Session } from '../../dist/masters/session.js'
import { Journal } from '../../dist/repair/apply/journal.js'

const POLL_MS = 10
const faults = JSON.parse(process.env.MMAUDIT_TEST_FAULT)
const calls = new Map(faults.map((fault) => [fault, 0]))
/** True once the rows that were left stand in the journal: what is read from then on proves the repair. */
let proving = false

function faultsAt(call, text, master) {
  return faults.filter((fault) => {
    if (call !== fault.call || !new RegExp(fault.matching ?? '').test(text)) return false
    if (fault.master !== undefined && fault.master !== master) return false
    if (fault.proving === true && !proving) return false
    calls.set(fault, calls.get(fault) + 1)
    return calls.get(fault) === (fault.nth ?? 1)
  })
}

/** `kill` never returns. */
async function strike(fault) {
  switch (fault.action) {
    case 'pause':
      writeFileSync(`${fault.file}.reached`, '')
      while (!existsSync(`${fault.file}.go`)) await sleep(POLL_MS)
      return
    case 'SIGINT':
    case 'SIGTERM':
      process.kill(process.pid, fault.action)
      // Signals are delivered by the event loop.
      await sleep(POLL_MS)
      return
    default:
      process.kill(process.pid, 'SIGKILL')
      // Delivered at once; should it not be, nothing more may be done.
      await new Promise(() => {})
  }
}

/** Calls the original with faults before it, after it, or while it is under way. */
async function around(call, text, master, original) {
  const hit = faultsAt(call, text, master)
  const strikeAll = async (when) => {
    for (const fault of hit) if (fault.when === when) await strike(fault)
  }
  await strikeAll('before')
  const result = Promise.resolve(original())
  // It may fail while a fault keeps us from waiting for it.
  result.catch(() => {})
  await strikeAll('sent')
  await result
  await strikeAll('after')
  return result
}

function wrap(target, name, textOf = () => '') {
  const original = target[name]
  target[name] = function wrapped(...args) {
    return around(name, textOf(...args), this.master, () => original.apply(this, args))
  }
}

for (const name of ['run', 'query', 'stream']) wrap(Session.prototype, name, (statement) => statement.sql ?? statement)
for (const name of ['prepare', 'committed', 'abandoned', 'close']) wrap(Journal.prototype, name)
wrap(Journal, 'open')

const left = Journal.prototype.left
Journal.prototype.left = async function wrapped(rows) {
  await around('left', '', undefined, () => left.call(this, rows))
  proving = true
}

const file = await open('/dev/null')
const files = Object.getPrototypeOf(file)
await file.close()
wrap(files, 'datasync')

function lengthOf(bytes, part) {
  if (part !== 'letter') return Math.floor(bytes.length * part)
  const half = Math.floor(bytes.length / 2)
  // Bytes that continue a character of UTF-8 are 10xxxxxx.
  return half + bytes.subarray(half).findIndex((byte) => (byte & 0xc0) === 0x80)
}

/** A record that only got half-way to the file. */
const appendFile = files.appendFile
files.appendFile = async function torn(text) {
  const [fault] = faultsAt('append', text)
  if (fault === undefined) return appendFile.call(this, text)
  const bytes = Buffer.from(text)
  await appendFile.call(this, bytes.subarray(0, lengthOf(bytes, fault.part ?? 0.5)))
  return strike(fault)
}
