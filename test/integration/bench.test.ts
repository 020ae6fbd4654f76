import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'

const BENCH = new URL('../../bench/run.mjs', import.meta.url).pathname
const LINES = Array.from({ length: 13 }, (_, at) => at + 1)

interface Spread {
  readonly minimum: number
  readonly median: number
  readonly maximum: number
}

interface Result {
  readonly version: number
  readonly servers: Readonly<Record<string, string>>
  readonly gauge: Spread
  readonly lines: readonly {
    readonly line: number
    readonly verdict: string
    readonly errors: readonly string[]
    readonly figures: readonly {
      readonly what: string
      readonly value: Spread | null
      readonly reason: string | null
    }[]
  }[]
  readonly series: Readonly<Record<string, Readonly<Record<string, { readonly seconds: Spread }>>>>
}

// The bench starts its own servers, so it needs a kind that can be started here.
const [kind] = inject('serverKinds').filter((name) => !/[:/]/.test(name))

if (kind === undefined)
  process.stderr.write('\n*** LEFT OUT: the bench is only tried where a server can be started\n\n')

test.skipIf(kind === undefined)('the bench measures every line of its table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mmaudit-bench-test-'))
  try {
    const json = join(folder, 'bench.json')
    const args = [BENCH, '--quick', '--built', '--markdown', '--server', kind ?? '', '--json', json]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    const result: Result = JSON.parse(readFileSync(json, 'utf8'))
    expect(result.lines.map(({ line }) => line)).toEqual(LINES)
    expect(Object.keys(result.servers)).toEqual([kind])
    for (const { verdict, errors, figures } of result.lines) {
      expect([verdict, errors]).toEqual([expect.stringMatching(/^(pass|short|measured)$/), []])
      // A peer may be missing; what is ours is there in any case.
      for (const { value, reason } of figures) expect(value === null ? reason : isSpread(value)).toBeTruthy()
    }
    const took = Object.values(result.series).flatMap((candidates) => Object.values(candidates))
    expect(took.length).toBeGreaterThan(LINES.length)
    expect(took.every(({ seconds }) => isSpread(seconds) && seconds.minimum > 0)).toBe(true)
    expect(stdout.split('\n').filter((line) => /^\| \d+ \|/.test(line))).toHaveLength(LINES.length)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

function isSpread({ minimum, median, maximum }: Spread): boolean {
  return [minimum, median, maximum].every(Number.isFinite) && minimum <= median && median <= maximum
}
