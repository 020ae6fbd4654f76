import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

describe('the command, run by what was compiled of it before', () => {
  let home: string
  let folder: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'mmaudit-start-'))
    folder = join(home, 'dist', 'command')
    mkdirSync(folder, { recursive: true })
    for (const path of [
      'bin/mmaudit.js',
      'package.json',
      'dist/command/mmaudit.cjs',
      'node_modules/mysql2/package.json'
    ]) {
      cpSync(join(ROOT, path), join(home, path))
    }
  })

  afterEach(() => rmSync(home, { recursive: true, force: true }))

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(home, 'bin', 'mmaudit.js'), ...args], { encoding: 'utf8' })
  const kept = () => readdirSync(folder).filter((name) => name !== 'mmaudit.cjs')

  it('keeps it for the next run, which takes it as it is', () => {
    expect(run('--version').stdout).toBe(`${version}\n`)
    const [name = ''] = kept()
    expect(name).toMatch(/^[0-9a-f]{64}-v.*--version\.cache$/)
    const { ino } = statSync(join(folder, name))
    expect(run('--version').stdout).toBe(`${version}\n`)
    expect(kept()).toEqual([name])
    expect(statSync(join(folder, name)).ino).toBe(ino)
  })

  it('makes another of one that is damaged', () => {
    run('--version')
    const [name = ''] = kept()
    const whole = readFileSync(join(folder, name))
    // V8 would run one with a single bit the wrong way: most crash, and some may do something else.
    const flipped = [0.01, 0.3, 0.6, 0.9].map((part) => {
      const copy = Buffer.from(whole)
      const at = Math.floor(whole.length * part)
      copy[at] = (copy[at] ?? 0) ^ 4
      return copy
    })
    const torn = [Buffer.alloc(0), whole.subarray(0, whole.length / 2), Buffer.alloc(whole.length)]
    for (const damaged of [...torn, ...flipped]) {
      writeFileSync(join(folder, name), damaged)
      const again = run('--version')
      expect(again).toMatchObject({ stdout: `${version}\n`, stderr: '', status: 0 })
      const kept = readFileSync(join(folder, name))
      expect(kept.equals(damaged)).toBe(false)
      expect(kept.length).toBeGreaterThan(whole.length / 2)
    }
  })

  it('never takes that of another bundle, even of one as long', () => {
    run('--version')
    const path = join(folder, 'mmaudit.cjs')
    const text = readFileSync(path, 'latin1')
    const changed = text.replaceAll('-V, --version', '-W, --version').replace(/[0-9a-f]{64}$/, '0'.repeat(64))
    expect(changed).toHaveLength(text.length)
    writeFileSync(path, changed, 'latin1')
    expect(run('-W').stdout).toBe(`${version}\n`)
    expect(run('--version').stdout).toBe(`${version}\n`)
    expect(kept().some((name) => name.startsWith('0'.repeat(64)))).toBe(true)
  })

  it('keeps nothing of a run that did not do its work', () => {
    expect(run('diff').status).toBe(64)
    expect(run('diff', '--help').status).toBe(0)
    expect(run('nonsense').status).toBe(64)
    expect(kept()).toEqual([])
  })

  it('does without where it may not write', () => {
    // A folder in its place stops the superuser as well.
    run('--version')
    const [name = ''] = kept()
    rmSync(join(folder, name))
    mkdirSync(join(folder, name))
    chmodSync(folder, 0o555)
    expect(run('--version')).toMatchObject({ stdout: `${version}\n`, stderr: '', status: 0 })
    expect(kept()).toEqual([name])
    chmodSync(folder, 0o755)
  })
})
