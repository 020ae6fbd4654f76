import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { adminOf } from '../../src/lab/lab-state.js'
import { Master } from '../../src/masters/master.js'
import type { Column } from '../../src/model/table.js'
import type { RowValues, SqlValue } from '../../src/model/value.js'
import { readClocks } from '../../src/repair/decide/clocks.js'
import { type Question, ServerJudge } from '../../src/repair/decide/server-judge.js'
import { column, textColumn } from '../support/columns.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

const ID = column('id')
const BINARY = textColumn('code')
const NAME = textColumn('name', { collation: 'utf8mb4_general_ci' })
const CITY = textColumn('city', { charset: 'latin1', collation: 'latin1_swedish_ci' })
const STATE = textColumn('state', {
  dataType: 'enum',
  columnType: "enum('NEW','PAID')",
  collation: 'utf8mb4_general_ci'
})
const PRICE = column('price', { dataType: 'decimal', columnType: 'decimal(30,10)', scale: 10, precision: 30 })
const WEIGHT = column('weight', { dataType: 'double' })
const TOKEN = column('token', { dataType: 'varbinary', columnType: 'varbinary(16)' })
const FLAGS = column('flags', { dataType: 'bit', columnType: 'bit(8)' })
const SEEN = column('seen', { dataType: 'datetime', columnType: 'datetime(3)' })
const TOOK = column('took', { dataType: 'time', columnType: 'time' })
const DAY = column('day', { dataType: 'date' })
const DOC = column('doc', { dataType: 'json' })
const COLUMNS = [ID, BINARY, NAME, CITY, STATE, PRICE, WEIGHT, TOKEN, FLAGS, SEEN, TOOK, DAY, DOC]

const ROW: RowValues = {
  id: '1',
  code: 'x',
  name: "O'Hara",
  city: 'Köln',
  state: 'PAID',
  price: '0.1000000000',
  weight: '0.1',
  token: { hex: 'ff00' },
  flags: { hex: '05' },
  seen: '2026-01-02 03:04:05.600',
  took: '-100:00:00',
  day: '2026-01-02',
  doc: '{"a": [1, 2]}'
}

describe.each(inject('serverKinds'))('on %s', (kind) => {
  let lab: TestLab
  let masters: readonly Master[] = []
  let judge: ServerJudge
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 10 })
    masters = await Promise.all(lab.state.masters.map((master) => Master.connect(adminOf(master), 2)))
    judge = new ServerJudge(masters)
  })
  afterAll(async () => {
    await Promise.all(masters.map((master) => master.close()))
    await lab?.down()
  })

  const ask = (condition: string, rows: Question['rows'], other: Partial<Question> = {}) =>
    judge.holds({ rule: 'rule 1', condition, table: 'shop.items', columns: COLUMNS, rows, ...other })
  const holds = async (condition: string, a: RowValues | null = ROW, b: RowValues | null = null) =>
    (await ask(condition, [{ a, b }]))[0]

  describe('orders values', () => {
    it.each<[string, Column, SqlValue, SqlValue, number]>([
      ['as the collation does', NAME, 'a', 'B', -1],
      ['as equal where it takes them for equal', NAME, 'ann', 'ANN', 0],
      ['by character where it does', BINARY, 'a', 'B', 1],
      ['in the character set of the column', CITY, 'Zürich', 'Ärmel', -1],
      ['with quotes, backslashes and emoji', BINARY, "a'\\b😀", "a'\\b😁", -1],
      ['of bytes', TOKEN, { hex: 'ff' }, { hex: '00ff' }, 1],
      ['of no bytes', TOKEN, { hex: '' }, { hex: '00' }, -1],
      [
        'of a text that has no name here',
        textColumn('t', { charset: 'cp850', collation: 'cp850_general_ci' }),
        { hex: '41' },
        { hex: '62' },
        -1
      ]
    ])('%s', async (_, of, left, right, expected) => {
      expect(await judge.compare(of, left, right)).toBe(expected)
      expect(await judge.compare(of, right, left)).toBe(expected === 0 ? 0 : -expected)
    })

    it.each<[string, Column, SqlValue]>([
      ['bytes that are no text', BINARY, { hex: 'ff41' }],
      ['a collation that no master knows', textColumn('t', { collation: 'utf8mb4_klingon_ci' }), 'x']
    ])('not of %s', async (_, of, value) => {
      expect(await judge.compare(of, value, 'x')).toBeNull()
    })
  })

  describe('judges a condition', () => {
    it.each([
      ["a.name = 'o''hara'", true],
      ["a.code = 'X'", false],
      ["a.city = 'KÖLN'", true],
      ["a.state = 'paid' AND a.state LIKE 'P%'", true],
      ['a.price = 0.1', true],
      ['a.price * 3 = 0.3', true],
      ['a.weight * 3 = 0.3', false],
      ["a.token = X'FF00'", true],
      ['a.flags & 4', true],
      ["a.seen > '2026-01-02 03:04:05.5' AND a.seen < '2026-01-02 03:04:05.7'", true],
      ['a.seen + INTERVAL 1 DAY > a.seen', true],
      ["a.took < '00:00:00' AND HOUR(a.took) = 100", true],
      ["a.day = '2026-01-02' AND YEAR(a.day) = 2026", true],
      ["JSON_EXTRACT(a.doc, '$.a[1]') = 2", true],
      ['b.id IS NULL', true],
      ["b.name <> 'x'", false],
      ['NULL', false],
      ['1 -- whatever', true],
      ["a.name = 'x' OR a.id = 1 # or so", true]
    ])('%s', async (condition, expected) => {
      expect(await holds(condition)).toBe(expected)
    })

    it('that compares masters', async () => {
      const other = { ...ROW, name: "O'HARA", city: 'Bonn', price: '0.2000000000' }
      expect(await holds('a.name = b.name AND a.city <> b.city AND a.price < b.price', ROW, other)).toBe(true)
    })

    it('for more rows than fit one statement', async () => {
      const rows = Array.from({ length: 120 }, (_, id) => ({ a: { ...ROW, id: String(id) }, b: null }))
      const odd = await ask('a.id % 2 = 1', rows)
      expect(odd).toEqual(rows.map((_, id) => id % 2 === 1))
    })

    it('for rows that are long', async () => {
      const rows = ['x', 'y', 'z'].map((end) => ({ a: { ...ROW, code: 'x'.repeat(600_000) + end }, b: null }))
      expect(await ask("a.code LIKE '%y'", rows)).toEqual([false, true, false])
    })

    it('on bytes that are no text', async () => {
      expect(await holds('LENGTH(a.code) = 2', { ...ROW, code: { hex: 'ff41' } })).toBe(true)
    })

    it('on masters with names of any form', async () => {
      expect(await ask('`eu-1`.id = 1', [{ 'eu-1': ROW, select: null }])).toEqual([true])
    })

    it('with zero dates', async () => {
      const zero = { ...ROW, day: '0000-00-00', seen: '0000-00-00 00:00:00.000' }
      expect(await holds("a.day = '0000-00-00' AND a.seen = '0000-00-00 00:00:00'", zero)).toBe(true)
    })

    it.each([
      ['a.colour = 1', 'colour'],
      ['c.id = 1', 'c.id'],
      ['a.id = = 1', 'syntax']
    ])('and says what is wrong with %s', async (condition, said) => {
      await expect(holds(condition)).rejects.toMatchObject({
        code: 'config',
        message: expect.stringMatching(new RegExp(`^rule 1: the condition .* is refused for shop.items: .*${said}`))
      })
    })

    it.each([
      ['a.name = b.code', true],
      ['a.name = b.city', true],
      ["a.name COLLATE utf8mb4_bin = 'ann'", false]
    ])('with collations as those of columns: %s', async (condition, expected) => {
      const row = { ...ROW, name: 'Ann', code: 'Ann', city: 'Ann' }
      expect(await holds(condition, row, row)).toBe(expected)
    })
  })

  it('reads the clocks of masters on one machine as the same', async () => {
    expect(await readClocks(masters)).toEqual({ skew: null, zones: null })
  })

  it('tells time zones that differ', async () => {
    await lab.run('b', "SET GLOBAL time_zone = '+02:00'")
    const clocks = await readClocks(masters)
    await lab.run('b', "SET GLOBAL time_zone = 'SYSTEM'")
    expect(clocks).toEqual({
      skew: null,
      zones: expect.stringMatching(/^the time zones .* differ: SYSTEM \(.*\) on a, \+02:00 on b$/)
    })
  })

  it('takes two names of one time zone for the same', async () => {
    const [row] = await lab.query('b', 'SELECT @@GLOBAL.time_zone AS zone, @@system_time_zone AS system_zone')
    expect(row).toEqual({ zone: 'SYSTEM', system_zone: 'UTC' })
    await lab.run('b', "SET GLOBAL time_zone = '+00:00'")
    const clocks = await readClocks(masters)
    await lab.run('b', "SET GLOBAL time_zone = 'SYSTEM'")
    expect(clocks.zones).toBeNull()
  })
})
