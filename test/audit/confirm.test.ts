import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Confirmation, confirm, readOnce } from '../../src/audit/confirm.js'
import type { RowVersion } from '../../src/audit/fetch.js'
import type { Suspect } from '../../src/audit/scan.js'
import type { CaughtUp, Obstacle } from '../../src/masters/catch-up.js'
import type { Key } from '../../src/model/range.js'

/** What each master holds of one row at one reading: a number stands for a content, `null` for no row. */
type Reading = readonly (number | null)[]

/** The readings of one row from the first scan on; the last one stands for all that follow. */
type History = readonly Reading[]

const TIMEOUT: Obstacle = { follower: 'b', source: 'a', kind: 'timeout', reason: 'b was too slow' }
const STOPPED: Obstacle = { follower: 'b', source: 'a', kind: 'stopped', reason: 'b has stopped' }

/** Masters whose rows go through `histories`, under a clock that only moves while somebody sleeps. */
class FakeMasters implements Confirmation {
  readonly patience: number
  readonly masters: readonly string[]
  readonly fetched: (readonly string[])[] = []
  readonly #histories: Readonly<Record<string, History>>
  readonly #obstacles: readonly (readonly Obstacle[])[]
  readonly #quiet: boolean
  #time = 1_000_000
  #waits = 0
  #readings = 0

  constructor(
    histories: Readonly<Record<string, History>>,
    options: { patience?: number; obstacles?: readonly (readonly Obstacle[])[]; quiet?: boolean } = {}
  ) {
    this.#histories = histories
    this.#quiet = options.quiet ?? true
    this.masters = ['a', 'b', 'c'].slice(
      0,
      Math.max(0, ...Object.values(histories).map((each) => each[0]?.length ?? 0))
    )
    this.patience = options.patience ?? 1_000
    this.#obstacles = options.obstacles ?? []
  }

  get suspects(): readonly Suspect[] {
    return Object.entries(this.#histories).map(([key, history]) => ({
      key: [key],
      seen: (history[0] ?? []).map((content) => (content === null ? null : BigInt(content)))
    }))
  }

  now(): number {
    return this.#time
  }

  async sleep(milliseconds: number): Promise<void> {
    this.#time += milliseconds
  }

  async catchUp(): Promise<CaughtUp> {
    const obstacles = this.#obstacles[this.#waits++] ?? this.#obstacles.at(-1) ?? []
    return { obstacles, took: 0, marks: [] }
  }

  async stoodStill(): Promise<boolean> {
    return this.#quiet
  }

  async fetch(keys: readonly Key[]): Promise<readonly (readonly (RowVersion | null)[])[]> {
    const names = keys.map((key) => String(key[0]))
    this.fetched.push(names)
    this.#readings++
    const readings = names.map((name) => this.#reading(name))
    return (readings[0] ?? []).map((_, master) => readings.map((reading) => version(reading[master] ?? null)))
  }

  #reading(name: string): Reading {
    const history = this.#histories[name] ?? []
    return history[this.#readings] ?? history.at(-1) ?? []
  }
}

function version(content: number | null): RowVersion | null {
  return content === null ? null : { key: [], hash: BigInt(content), values: { content: String(content) } }
}

async function outcome(masters: FakeMasters) {
  const confirmed = await confirm(masters.suspects, masters)
  return {
    differing: confirmed.differing.map((row) => row.key[0]),
    converged: confirmed.converged,
    unsettled: confirmed.unsettled.map((key) => key[0])
  }
}

/** A row that is different at every reading. */
const RESTLESS: History = Array.from({ length: 100 }, (_, round) => [round, round + 1])

describe('confirming', () => {
  test.each<[string, History, 'differing' | 'converged' | 'unsettled']>([
    [
      'a row that arrived meanwhile was on its way',
      [
        [1, null],
        [1, 1]
      ],
      'converged'
    ],
    [
      'a row that was deleted everywhere meanwhile agrees',
      [
        [1, null],
        [null, null]
      ],
      'converged'
    ],
    [
      'a standing difference differs',
      [
        [1, 2],
        [1, 2]
      ],
      'differing'
    ],
    [
      'a row that is missing for good differs',
      [
        [1, null],
        [1, null]
      ],
      'differing'
    ],
    [
      'a row that changed on one master and then stands still differs',
      [
        [1, 2],
        [1, 3],
        [1, 3]
      ],
      'differing'
    ],
    [
      'a row that changes for some rounds and then agrees was on its way',
      [
        [1, 2],
        [3, 2],
        [3, 4],
        [4, 4]
      ],
      'converged'
    ],
    [
      'a row that changes for some rounds and then stands still differs',
      [
        [1, 2],
        [3, 2],
        [3, 4],
        [3, 4]
      ],
      'differing'
    ],
    ['a row that never stands still is unsettled', RESTLESS, 'unsettled'],
    [
      'one of three masters that differs is enough',
      [
        [1, 1, 2],
        [1, 1, 2]
      ],
      'differing'
    ],
    [
      'one of three masters that still changes is enough',
      [
        [1, 1, 2],
        [1, 1, 3],
        [1, 1, 1]
      ],
      'converged'
    ]
  ])('%s', async (_, history, expected) => {
    const confirmed = await outcome(new FakeMasters({ row: history }))
    expect(confirmed).toEqual({
      differing: expected === 'differing' ? ['row'] : [],
      converged: expected === 'converged' ? 1 : 0,
      unsettled: expected === 'unsettled' ? ['row'] : []
    })
  })

  test('tells what each master holds at the last reading', async () => {
    const masters = new FakeMasters({
      row: [
        [1, 2],
        [1, 3],
        [1, 3]
      ]
    })
    const { differing } = await confirm(masters.suspects, masters)
    expect(differing.map((row) => row.versions.map((each) => each?.values))).toEqual([
      [{ content: '1' }, { content: '3' }]
    ])
  })

  test('reads only the rows again that are still open', async () => {
    const masters = new FakeMasters({
      still: [[1, 2]],
      moving: [
        [1, 2],
        [1, 3]
      ],
      arriving: [
        [1, null],
        [1, 1]
      ]
    })
    await confirm(masters.suspects, masters)
    expect(masters.fetched).toEqual([['still', 'moving', 'arriving'], ['moving']])
  })

  test('ends at the deadline, although rows still change', async () => {
    const masters = new FakeMasters({ row: RESTLESS }, { patience: 500 })
    const began = masters.now()
    await confirm(masters.suspects, masters)
    expect(masters.now() - began).toBe(500)
  })

  test('reads once even without any patience', async () => {
    const histories = {
      still: [[1, 2]],
      moving: [
        [1, 2],
        [1, 3]
      ]
    }
    expect(await outcome(new FakeMasters(histories, { patience: 0 }))).toEqual({
      differing: ['still'],
      converged: 0,
      unsettled: ['moving']
    })
  })
})

describe('suspects that no master has any more', () => {
  const deleted: History = [
    [1, null],
    [null, null]
  ]

  test('are told beside those that turned out equal', async () => {
    const masters = new FakeMasters({
      deleted,
      arrived: [
        [1, null],
        [1, 1]
      ],
      standing: [[1, null]]
    })
    const { gone, converged } = await confirm(masters.suspects, masters)
    expect({ gone, converged }).toEqual({ gone: [['deleted']], converged: 2 })
  })

  test('are told in whichever round they went', async () => {
    const later: History = [
      [1, 2],
      [3, 2],
      [null, null]
    ]
    const masters = new FakeMasters({ deleted, later })
    expect((await confirm(masters.suspects, masters)).gone).toEqual([['deleted'], ['later']])
  })
})

describe('a direction that could not be waited for', () => {
  test('in time leaves a standing difference unsettled, never differing', async () => {
    const masters = new FakeMasters({ row: [[1, 2]] }, { obstacles: [[TIMEOUT]] })
    expect(await outcome(masters)).toEqual({ differing: [], converged: 0, unsettled: ['row'] })
  })

  test('in time still lets a row converge', async () => {
    const masters = new FakeMasters(
      {
        row: [
          [1, null],
          [1, 1]
        ]
      },
      { obstacles: [[TIMEOUT]] }
    )
    expect(await outcome(masters)).toEqual({ differing: [], converged: 1, unsettled: [] })
  })

  test('in time is not waited for again, for its time is over', async () => {
    const masters = new FakeMasters({ row: [[1, 2]] }, { obstacles: [[TIMEOUT], []] })
    expect(await outcome(masters)).toEqual({ differing: [], converged: 0, unsettled: ['row'] })
  })

  test('because it is held back on purpose leaves a difference unsettled at once', async () => {
    const masters = new FakeMasters({ row: [[1, 2]] }, { obstacles: [[{ ...TIMEOUT, kind: 'delayed' }]] })
    const began = masters.now()
    expect(await outcome(masters)).toEqual({ differing: [], converged: 0, unsettled: ['row'] })
    expect(masters.now()).toBe(began)
  })

  test.each<[string, Reading, 'differing' | 'unsettled']>([
    ['differs between the two others', [1, 2, 1], 'differing'],
    ['differs everywhere', [1, 2, 3], 'differing'],
    ['is missing on one of the two others', [1, null, 1], 'differing'],
    ['differs only on the one that lags', [1, 1, 2], 'unsettled']
  ])('to one of three masters: a row that %s is %#', async (_, row, expected) => {
    const late: Obstacle = { follower: 'c', source: 'a', kind: 'timeout', reason: 'c was too slow' }
    const confirmed = await outcome(new FakeMasters({ row: [row] }, { obstacles: [[late]] }))
    expect(confirmed[expected]).toEqual(['row'])
  })

  test('because it has stopped does not excuse a difference', async () => {
    const masters = new FakeMasters({ row: [[1, 2]] }, { obstacles: [[STOPPED]] })
    expect(await outcome(masters)).toEqual({ differing: ['row'], converged: 0, unsettled: [] })
  })

  test('in time counts beside one that has stopped', async () => {
    const masters = new FakeMasters({ row: [[1, 2]] }, { obstacles: [[STOPPED, TIMEOUT]] })
    expect(await outcome(masters)).toEqual({ differing: [], converged: 0, unsettled: ['row'] })
  })

  test('is told as it was in the last round, where it matters', async () => {
    const moving: History = [
      [1, 2],
      [3, 2],
      [3, 2]
    ]
    const masters = new FakeMasters({ moving }, { obstacles: [[], [STOPPED]] })
    expect((await confirm(masters.suspects, masters)).obstacles).toEqual([STOPPED])
    const arriving = new FakeMasters(
      {
        row: [
          [1, 2],
          [1, 1]
        ]
      },
      { obstacles: [[TIMEOUT]] }
    )
    expect((await confirm(arriving.suspects, arriving)).obstacles).toEqual([])
  })
})

describe('while the masters are written to', () => {
  const still: Reading = [1, 2]

  test('a difference is watched for a while', async () => {
    const masters = new FakeMasters({ row: [still] }, { quiet: false })
    expect(await outcome(masters)).toEqual({ differing: ['row'], converged: 0, unsettled: [] })
    expect(masters.fetched.length).toBeGreaterThan(4)
  })

  test.each([2, 3, 4, 5, 6])('a row that is changed to and fro shows itself in reading %i', async (reading) => {
    const history = [...Array(reading).fill(still), [2, 2]]
    expect(await outcome(new FakeMasters({ row: history }, { quiet: false }))).toEqual({
      differing: [],
      converged: 1,
      unsettled: []
    })
  })

  test('a row that moves when it is watched is confirmed anew', async () => {
    const masters = new FakeMasters({ row: [still, still, still, [3, 2], [2, 2]] }, { quiet: false })
    expect(await outcome(masters)).toEqual({ differing: [], converged: 1, unsettled: [] })
  })
})

describe('whatever the masters do', () => {
  const reading = fc.tuple(...[0, 1, 2].map(() => fc.option(fc.integer({ min: 1, max: 3 }))))
  const histories = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 3 }),
    fc.array(reading, { minLength: 1, maxLength: 8 }),
    { maxKeys: 10 }
  )
  const obstacles = fc.array(fc.subarray([STOPPED, TIMEOUT]), { maxLength: 8 })
  const patience = fc.integer({ min: 0, max: 1_000 })

  test('every suspect is accounted for exactly once', () =>
    fc.assert(
      fc.asyncProperty(histories, obstacles, patience, async (rows, met, time) => {
        const masters = new FakeMasters(rows, { obstacles: met, patience: time })
        const { differing, converged, unsettled } = await outcome(masters)
        const named = [...differing, ...unsettled]
        expect(new Set(named).size).toBe(named.length)
        expect(named.length + converged).toBe(masters.suspects.length)
      })
    ))

  test('a row is gone only where no master has it, and then it has converged', () =>
    fc.assert(
      fc.asyncProperty(histories, obstacles, patience, async (rows, met, time) => {
        const masters = new FakeMasters(rows, { obstacles: met, patience: time })
        const { gone, converged } = await confirm(masters.suspects, masters)
        expect(gone.length).toBeLessThanOrEqual(converged)
        for (const [key] of gone) {
          expect(rows[String(key)]?.some((seen) => seen.every((content) => content === null))).toBe(true)
        }
      })
    ))

  test('a row that agrees on all masters is never told as differing', () =>
    fc.assert(
      fc.asyncProperty(histories, obstacles, patience, async (rows, met, time) => {
        const masters = new FakeMasters(rows, { obstacles: met, patience: time })
        const { differing } = await confirm(masters.suspects, masters)
        for (const row of differing) expect(new Set(row.versions.map((each) => each?.hash)).size).toBeGreaterThan(1)
      })
    ))

  test('what differs only on a master that is not caught up never differs', () =>
    fc.assert(
      fc.asyncProperty(histories, patience, async (rows, time) => {
        const masters = new FakeMasters(rows, { obstacles: [[TIMEOUT]], patience: time })
        const { differing } = await confirm(masters.suspects, masters)
        for (const { versions } of differing) expect(versions[0]?.hash).not.toBe(versions[2]?.hash)
      })
    ))
})

describe('reading once', () => {
  test('tells what differs now and waits for nothing', async () => {
    const masters = new FakeMasters({ arrived: [[1, 1]], lagging: [[1, null]] }, { obstacles: [[TIMEOUT]] })
    const began = masters.now()
    const { differing, converged, unsettled } = await readOnce(masters.suspects, masters)
    expect(differing.map((row) => row.key)).toEqual([['lagging']])
    expect({ converged, unsettled }).toEqual({ converged: 1, unsettled: [] })
    expect(masters.now()).toBe(began)
  })

  test('tells which suspects no master has', async () => {
    const masters = new FakeMasters({ arrived: [[1, 1]], deleted: [[null, null]], lagging: [[null, 1]] })
    const { gone, converged } = await readOnce(masters.suspects, masters)
    expect({ gone, converged }).toEqual({ gone: [['deleted']], converged: 2 })
  })
})
