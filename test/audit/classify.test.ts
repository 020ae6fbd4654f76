import { describe, expect, test } from 'vitest'
import { classify, type Evidence, type Version } from '../../src/audit/classify.js'
import type { RowValues } from '../../src/model/value.js'
import { column, textColumn } from '../support/columns.js'

const ID = column('id', { autoIncrement: true })
const EMAIL = textColumn('email')
const PHONE = textColumn('phone', { nullable: true })
const NAME = textColumn('name')
const CITY = textColumn('city')
const CREATED = column('created_at', { dataType: 'datetime' })

const BARE: Evidence = {
  keyColumns: [ID],
  columns: [ID, EMAIL, PHONE, NAME, CITY],
  alternateKeys: [],
  identity: null,
  lanes: []
}

const ANN: RowValues = { id: '7', email: 'ann@x', phone: '1', name: 'Ann', city: 'Graz', created_at: '2024-01-01' }
const BOB: RowValues = { id: '7', email: 'bob@x', phone: '2', name: 'Bob', city: 'Linz', created_at: '2024-02-02' }

/** Versions of one row, held by a, b, c in that order. */
function held(...rows: readonly RowValues[]): readonly Version[] {
  return rows.map((values, at) => ({ values, masters: [['a', 'b', 'c'][at] ?? '?'] }))
}

function judge(versions: readonly Version[], evidence: Partial<Evidence> = {}, lacking: readonly string[] = []) {
  return classify(['7'], versions, lacking, { ...BARE, ...evidence })
}

describe('copies that are all equal', () => {
  test('make a row missing', () => {
    expect(judge(held(ANN), {}, ['b'])).toEqual({ class: 'missing', columns: [], reason: 'present on a; not on b' })
  })

  test('name every holder and everyone who lacks the row', () => {
    const versions = [{ values: ANN, masters: ['a', 'c'] }]
    expect(judge(versions, {}, ['b', 'd']).reason).toBe('present on a, c; not on b, d')
  })
})

describe('the identity that the user named', () => {
  test('makes a conflict when it is the same', () => {
    const row = judge(held(ANN, { ...BOB, email: 'ann@x' }), { identity: ['email'] })
    expect(row).toMatchObject({ class: 'conflict', reason: 'identity (email) is the same' })
  })

  test('makes a collision when any of its columns differs', () => {
    const row = judge(held(ANN, { ...ANN, name: 'Anna' }), { identity: ['email', 'name'] })
    expect(row).toMatchObject({ class: 'collision', reason: 'identity (email, name) differs in name' })
  })

  test('says nothing when it is NULL in every version', () => {
    const versions = held({ ...ANN, phone: null }, { ...ANN, phone: null, email: 'bob@x' })
    const row = judge(versions, { identity: ['phone'], alternateKeys: [['email']] })
    expect(row).toMatchObject({ class: 'collision', reason: 'unique key (email) differs' })
  })

  test('speaks when one of its columns is filled in one version', () => {
    const versions = held({ ...ANN, phone: null }, { ...ANN, phone: null, city: 'Linz' })
    expect(judge(versions, { identity: ['phone', 'email'] }).reason).toBe('identity (phone, email) is the same')
    expect(judge(held({ ...ANN, phone: null }, ANN), { identity: ['phone'] })).toMatchObject({
      class: 'collision',
      reason: 'identity (phone) differs in phone'
    })
  })

  test.each([
    ['same', held(ANN, { ...BOB, city: 'Graz' }), ['city'], 'conflict'],
    ['different', held(ANN, { ...ANN, city: 'Linz' }), ['city'], 'collision']
  ])('wins over everything else when it is %s', (_, versions, identity, expected) => {
    const evidence = { identity, alternateKeys: [['email']], columns: [...BARE.columns, CREATED] }
    expect(judge(versions, evidence).class).toBe(expected)
  })
})

describe('a unique key', () => {
  test('that is the same makes a conflict, however much else differs', () => {
    const row = judge(held(ANN, { ...BOB, email: 'ann@x' }), { alternateKeys: [['email']] })
    expect(row).toMatchObject({ class: 'conflict', reason: 'unique key (email) is the same' })
  })

  test('that differs makes a collision, however little else differs', () => {
    const row = judge(held(ANN, { ...ANN, email: 'bob@x' }), { alternateKeys: [['email']] })
    expect(row).toMatchObject({ class: 'collision', reason: 'unique key (email) differs' })
  })

  test('is the same only with all of its columns', () => {
    const row = judge(held(ANN, { ...ANN, city: 'Linz' }), { alternateKeys: [['email', 'city']] })
    expect(row).toMatchObject({ class: 'collision', reason: 'unique key (email, city) differs' })
  })

  test('that is the same counts more than another that differs', () => {
    const row = judge(held(ANN, { ...ANN, email: 'bob@x' }), { alternateKeys: [['email'], ['phone']] })
    expect(row).toMatchObject({ class: 'conflict', reason: 'unique key (phone) is the same' })
  })

  test.each([
    ['one version', held(ANN, { ...ANN, phone: null }), '1 of 4 columns differ'],
    ['every version', held({ ...ANN, phone: null }, { ...ANN, phone: null, city: 'Linz' }), '1 of 4 columns differ']
  ])('with a NULL in %s says nothing', (_, versions, reason) => {
    expect(judge(versions, { alternateKeys: [['phone']] })).toMatchObject({ class: 'conflict', reason })
  })

  test('without NULLs speaks beside one with them', () => {
    const versions = held({ ...ANN, phone: null }, { ...ANN, phone: null, email: 'bob@x' })
    expect(judge(versions, { alternateKeys: [['phone'], ['email']] }).reason).toBe('unique key (email) differs')
  })
})

describe('a creation time', () => {
  const columns = [...BARE.columns, CREATED]

  test('that is the same makes a conflict', () => {
    const row = judge(held(ANN, { ...BOB, created_at: '2024-01-01' }), { columns })
    expect(row).toMatchObject({ class: 'conflict', reason: 'created_at is the same' })
  })

  test('that differs makes a collision', () => {
    const row = judge(held(ANN, { ...ANN, created_at: '2024-02-02' }), { columns })
    expect(row).toMatchObject({ class: 'collision', reason: 'created_at differs' })
  })

  test('that is NULL in a version says nothing', () => {
    const row = judge(held(ANN, { ...ANN, created_at: null }), { columns })
    expect(row.reason).toBe('1 of 5 columns differ')
  })

  test.each(['created', 'created_at', 'CreatedAt', 'creation_time', 'inserted_on', 'date_added', 'registered'])(
    'is known by the name %s',
    (name) => {
      const named = [...BARE.columns, column(name, { dataType: 'timestamp' })]
      expect(judge(held({ ...ANN, [name]: '1' }, { ...ANN, [name]: '2' }), { columns: named }).class).toBe('collision')
    }
  )

  test.each(['CURRENT_TIMESTAMP', 'current_timestamp()', 'CURRENT_TIMESTAMP(6)', 'now()'])(
    'is known by the default %s',
    (defaultValue) => {
      const named = [...BARE.columns, column('t', { dataType: 'datetime', defaultValue })]
      expect(judge(held({ ...ANN, t: '1' }, { ...ANN, t: '2' }), { columns: named }).reason).toBe('t differs')
    }
  )

  test.each([
    [
      'the server moves at every update',
      { dataType: 'timestamp', defaultValue: 'CURRENT_TIMESTAMP', onUpdateNow: true }
    ],
    ['is only a date', { dataType: 'date' }],
    ['is a text', { dataType: 'varchar' }]
  ])('is no column that %s', (_, kind) => {
    const columns = [...BARE.columns, column('created_at', kind)]
    expect(judge(held(ANN, { ...ANN, created_at: 'x' }), { columns }).reason).toBe('1 of 5 columns differ')
  })

  test.each(['updated_at', 'recreated', 'created_by_at', 'uncreated'])('is no column of the name %s', (name) => {
    const columns = [...BARE.columns, column(name, { dataType: 'datetime' })]
    const versions = held({ ...ANN, [name]: '1' }, { ...ANN, [name]: '2' })
    expect(judge(versions, { columns }).reason).toBe('1 of 5 columns differ')
  })
})

describe('unique key and creation time together', () => {
  const evidence = { alternateKeys: [['email']], columns: [...BARE.columns, CREATED] }

  test('that say the same are both told', () => {
    const row = judge(held(ANN, { ...ANN, city: 'Linz' }), evidence)
    expect(row).toMatchObject({
      class: 'conflict',
      reason: 'unique key (email) is the same; created_at is the same'
    })
  })

  test('that contradict each other leave it to the amount: little differs', () => {
    const row = judge(held(ANN, { ...ANN, email: 'anna@x' }), evidence)
    expect(row).toMatchObject({
      class: 'conflict',
      reason: 'unique key (email) differs, but created_at is the same; 1 of 5 columns differ'
    })
  })

  test('that contradict each other leave it to the amount: most differs', () => {
    const row = judge(held(ANN, { ...BOB, email: 'ann@x' }), evidence)
    expect(row).toMatchObject({
      class: 'collision',
      reason: 'unique key (email) is the same, but created_at differs; 4 of 5 columns differ'
    })
  })
})

describe('without other evidence the amount that differs decides', () => {
  test.each([
    ['a quarter', { ...ANN, city: 'Linz' }, 'conflict', '1 of 4 columns differ'],
    ['just half', { ...ANN, city: 'Linz', name: 'Anna' }, 'conflict', '2 of 4 columns differ'],
    ['more than half', { ...ANN, city: 'Linz', name: 'Anna', phone: '3' }, 'collision', '3 of 4 columns differ']
  ])('%s', (_, other, expected, reason) => {
    expect(judge(held(ANN, other))).toMatchObject({ class: expected, reason })
  })

  test('key columns left out, of which one key may have two spellings', () => {
    const versions = held(ANN, { ...ANN, name: 'ANN', city: 'Linz' })
    const row = judge(versions, { keyColumns: [ID, NAME] })
    expect(row).toMatchObject({ class: 'conflict', columns: ['name', 'city'], reason: '1 of 3 columns differ' })
  })
})

describe('a row that differs in the spelling of its key only', () => {
  test('says so, and is one row', () => {
    const [key, value] = [textColumn('k'), column('v')]
    const versions = held({ k: 'a', v: '1' }, { k: 'A', v: '1' })
    expect(classify(['a'], versions, [], { ...BARE, keyColumns: [key], columns: [key, value] })).toEqual({
      class: 'conflict',
      columns: ['k'],
      reason: 'only the spelling of the key differs'
    })
  })

  test('says so without any other column, too', () => {
    const key = textColumn('k')
    const versions = held({ k: 'a' }, { k: 'A' })
    expect(classify(['a'], versions, [], { ...BARE, keyColumns: [key], columns: [key] })).toMatchObject({
      class: 'conflict',
      reason: 'only the spelling of the key differs'
    })
  })
})

describe('the columns that differ', () => {
  test('are told in the order of the table', () => {
    expect(judge(held(ANN, { ...ANN, city: 'Linz', email: 'x' })).columns).toEqual(['email', 'city'])
  })

  test('differ when one value is NULL', () => {
    expect(judge(held(ANN, { ...ANN, phone: null })).columns).toEqual(['phone'])
  })

  test('are compared byte by byte where they are no text', () => {
    const bytes = (hex: string) => ({ ...ANN, city: { hex } })
    expect(judge(held({ ...bytes('ff00'), name: 'x' }, bytes('ff00'))).columns).toEqual(['name'])
    expect(judge(held(bytes('ff00'), bytes('ff01'))).columns).toEqual(['city'])
  })

  test('are those in which any of three versions differs', () => {
    expect(judge(held(ANN, { ...ANN, city: 'Linz' }, { ...ANN, name: 'Anna' })).columns).toEqual(['name', 'city'])
  })
})

describe('three and more masters', () => {
  const linz = { ...ANN, city: 'Linz' }

  test('are told who holds which version', () => {
    const versions = [
      { values: ANN, masters: ['a', 'c'] },
      { values: linz, masters: ['b'] }
    ]
    expect(judge(versions).reason).toBe('1 of 4 columns differ; versions: a, c | b')
  })

  test('are told who has no version at all', () => {
    expect(judge(held(ANN, linz), {}, ['c']).reason).toBe('1 of 4 columns differ; versions: a | b; not on c')
  })

  test('with three versions are one conflict when all three share the unique key', () => {
    const row = judge(held(ANN, linz, { ...BOB, email: 'ann@x' }), { alternateKeys: [['email']] })
    expect(row).toMatchObject({ class: 'conflict', reason: 'unique key (email) is the same; versions: a | b | c' })
  })

  test('with three versions are a collision when one has another unique key', () => {
    expect(judge(held(ANN, linz, BOB), { alternateKeys: [['email']] }).class).toBe('collision')
  })
})

describe('the auto-increment lane', () => {
  const lanes = [
    { master: 'a', increment: 2, offset: 1 },
    { master: 'b', increment: 2, offset: 2 }
  ]
  const lane = (key: string, evidence: Partial<Evidence> = {}) =>
    classify([key], held(ANN), ['b'], { ...BARE, lanes, ...evidence }).reason.replace('present on a; not on b', '')

  test.each([
    ['7', 'a'],
    ['8', 'b'],
    ['18446744073709551615', 'a']
  ])('of id %s is that of %s', (key, master) => {
    expect(lane(key)).toBe(`; id ${key} lies in the auto-increment lane of ${master}`)
  })

  test('is told after the evidence', () => {
    expect(judge(held(ANN, { ...ANN, city: 'Linz' }), { lanes }).reason).toBe(
      '1 of 4 columns differ; id 7 lies in the auto-increment lane of a'
    )
  })

  test('is found in a composite key', () => {
    const keyColumns = [column('shop'), ID]
    expect(classify(['1', '8'], held(ANN), ['b'], { ...BARE, lanes, keyColumns }).reason).toContain('id 8 lies')
  })

  test.each<[string, string, Partial<Evidence>]>([
    ['masters that number every row', '7', { lanes: lanes.map((each) => ({ ...each, increment: 1, offset: 1 })) }],
    ['masters that share a lane', '7', { lanes: lanes.map((each) => ({ ...each, offset: 1 })) }],
    [
      'a master without lanes beside one with',
      '7',
      { lanes: [{ master: 'a', increment: 1, offset: 1 }, ...lanes.slice(1)] }
    ],
    ['an id in no lane', '7', { lanes: lanes.map((each) => ({ ...each, increment: 10 })) }],
    ['a key that the server does not number', '7', { keyColumns: [column('id')] }],
    ['a negative id', '-7', {}],
    ['a key that is no number', 'x', {}]
  ])('is not told for %s', (_, key, evidence) => {
    expect(lane(key, evidence)).toBe('')
  })
})
