import { describe, expect, test } from 'vitest'
import { hasPolicy } from '../../src/config/repair-config.js'
import { type AuditFlags, resolveAuditConfig } from '../../src/config/resolve.js'
import { MmauditError } from '../../src/model/errors.js'
import { policyText } from '../../src/model/repair.js'
import { fakeFiles } from './fake-files.js'

const MASTERS = ['a=mysql://u@h1', 'b=mysql://u@h2']

interface Given {
  readonly flags?: AuditFlags
  readonly env?: Readonly<Record<string, string>>
  readonly yaml?: string
}

function resolve({ flags = {}, env = {}, yaml }: Given) {
  const files = fakeFiles(yaml === undefined ? {} : { '/srv/mmaudit.yaml': yaml })
  return resolveAuditConfig({ flags: { masters: MASTERS, ...flags }, env, cwd: '/srv', home: '/home/dba', files })
    .repair
}

function failure(given: Given): readonly [string, string] {
  try {
    resolve(given)
  } catch (error) {
    if (error instanceof MmauditError) return [error.code, error.message]
    throw error
  }
  throw new Error('expected an error')
}

const RULES = `repair:
  rules:
    - { tables: shop.*, class: [missing], policy: union }
    - { class: conflict, columns: [seen_at], when: "a.id > 5", policy: newest, column: updated_at }
    - { policy: rekey }
`

describe('rules', () => {
  test('of the file', () => {
    const repair = resolve({ yaml: RULES })
    expect(hasPolicy(repair)).toBe(true)
    expect(repair.rules).toEqual([
      {
        name: 'rule 1',
        tables: ['shop.*'],
        classes: ['missing'],
        columns: null,
        when: null,
        policy: { name: 'union' }
      },
      {
        name: 'rule 2',
        tables: null,
        classes: ['conflict'],
        columns: ['seen_at'],
        when: 'a.id > 5',
        policy: { name: 'newest', column: 'updated_at' }
      },
      { name: 'rule 3', tables: null, classes: null, columns: null, when: null, policy: { name: 'rekey', keep: null } }
    ])
  })

  test('of the command line take their place', () => {
    const { rules } = resolve({ yaml: RULES, flags: { policy: ['missing,conflict=prefer:a'] } })
    expect(rules).toEqual([
      {
        name: '--policy missing,conflict=prefer:a',
        tables: null,
        classes: ['missing', 'conflict'],
        columns: null,
        when: null,
        policy: { name: 'prefer', master: 'a' }
      }
    ])
  })

  test('for one class go before one for all, in whatever order they were typed', () => {
    const { rules } = resolve({ flags: { policy: ['newest:x', 'missing=union'] } })
    expect(rules.map((rule) => rule.name)).toEqual(['--policy missing=union', '--policy newest:x'])
  })

  test.each([
    ['union', ['MMAUDIT_POLICY=union']],
    ['missing=union, conflict=newest:x', ['MMAUDIT_POLICY=missing=union', 'MMAUDIT_POLICY=conflict=newest:x']],
    ['missing,conflict=prefer:a,manual', ['MMAUDIT_POLICY=missing,conflict=prefer:a', 'MMAUDIT_POLICY=manual']]
  ])('of the environment: %s', (value, names) => {
    expect(resolve({ yaml: RULES, env: { MMAUDIT_POLICY: value } }).rules.map((rule) => rule.name)).toEqual(names)
  })

  test('are none where nobody named any', () => {
    expect(hasPolicy(resolve({}))).toBe(false)
    expect(hasPolicy(resolve({ env: { MMAUDIT_POLICY: '' } }))).toBe(false)
  })

  test('cannot be changed', () => {
    expect(Object.isFrozen(resolve({ yaml: RULES }).rules)).toBe(true)
  })

  test('of the file may prefer a master that this run leaves out', () => {
    const masters = ['a', 'b', 'c'].map((name) => `  ${name}: { host: h, user: u }\n`).join('')
    const yaml = `masters:\n${masters}repair: { rules: [{ policy: prefer:c }] }`
    expect(resolve({ yaml }).rules.map((rule) => policyText(rule.policy))).toEqual(['prefer:c'])
  })
})

describe('wrong rules', () => {
  test.each<[string, string]>([
    ['unoin', '--policy unoin: unoin is not a policy; did you mean union?'],
    ['gone=union', '--policy gone=union: gone is no class: must be one of missing, conflict, collision'],
    ['=union', '--policy =union: has an empty name in it'],
    ['prefer:c', '--policy prefer:c: there is no master named c; the masters are a, b'],
    ['rekey:c', '--policy rekey:c: there is no master named c; the masters are a, b'],
    ['conflict=oldest:@commit', '--policy conflict=oldest:@commit: only newest goes by @commit']
  ])('on the command line: %s', (policy, message) => {
    expect(failure({ flags: { policy: [policy] } })).toEqual(['usage', message])
  })

  test.each([
    [['union', 'majority'], '--policy: two policies for all classes'],
    [['missing=union', 'missing,conflict=prefer:a'], '--policy: two policies for missing']
  ])('twice for the same: %j', (policy, message) => {
    expect(failure({ flags: { policy } })).toEqual(['usage', message])
  })

  test('in the environment', () => {
    expect(failure({ env: { MMAUDIT_POLICY: 'union,prefer:c' } })[0]).toBe('config')
    expect(failure({ env: { MMAUDIT_POLICY: 'conflict=union' } })).toEqual([
      'config',
      expect.stringMatching(/^MMAUDIT_POLICY=conflict=union: union cannot decide class conflict: /)
    ])
    expect(failure({ env: { MMAUDIT_POLICY: 'union,missing' } })[1]).toBe(
      'MMAUDIT_POLICY=missing: missing is not a policy'
    )
  })

  test.each([
    [
      '{ class: conflict, policy: union }',
      /^mmaudit.yaml:1:\d+: repair.rules\[0\].policy: union cannot decide class conflict: .*; for conflict use newest/
    ],
    ['{ class: missing, policy: newest, column: x }', /newest cannot decide class missing: .*; for missing use union/],
    ['{ class: collision, policy: merge }', /merge cannot decide class collision: merge would mix two different rows/],
    ['{ class: [conflict, collision], policy: rekey }', /rekey cannot decide class conflict/],
    ['{ class: missing, columns: [x], policy: prefer:a }', /columns: a missing row does not differ in single columns/],
    [
      '{ policy: prefer:z }',
      /^mmaudit.yaml:1:\d+: repair.rules\[0\].policy: there is no master named z; the masters are a, b$/
    ],
    ['{ when: "", policy: manual }', /repair.rules\[0\].when: is empty/]
  ])('in the file: %s', (rule, message) => {
    expect(failure({ yaml: `repair: { rules: [${rule}] }` })).toEqual(['config', expect.stringMatching(message)])
  })
})

describe('references', () => {
  test('that no foreign key declares', () => {
    const yaml = 'repair: { references: [{ from: shop.log, columns: [who], to: shop.customers, key: [id] }] }\n'
    expect(resolve({ yaml }).references).toEqual([
      {
        from: { database: 'shop', table: 'log' },
        columns: ['who'],
        to: { database: 'shop', table: 'customers' },
        key: ['id']
      }
    ])
  })

  test.each([
    ['{ from: log, columns: [who], to: shop.customers, key: [id] }', /references\[0\].from: tables are named db.table/],
    ['{ from: shop.*, columns: [who], to: shop.customers, key: [id] }', /from: names one table, without \* or \?/],
    ['{ from: shop.log, columns: [], to: shop.customers, key: [] }', /columns: names no column/],
    [
      '{ from: shop.log, columns: [who], to: shop.customers, key: [id, no] }',
      /key: names 2 columns, and columns names 1/
    ],
    ['{ from: shop.log, columns: [who], to: shop.customers }', /references\[0\].key: /],
    ['{ from: shop.log, column: [who], to: shop.customers, key: [id] }', /unknown key/]
  ])('%s is refused', (reference, message) => {
    const [code, text] = failure({ yaml: `repair: { references: [${reference}] }\n` })
    expect(code).toBe('config')
    expect(text).toMatch(message)
  })
})

describe('limits', () => {
  const DEFAULTS = { maxRows: 100_000, maxDeletes: 0, maxPercent: 10, allowEmptied: false }

  test('as they come', () => {
    expect(resolve({})).toEqual({
      rules: [],
      references: [],
      limits: DEFAULTS,
      viaReplication: false,
      allowTriggers: false,
      allowReadOnly: false
    })
  })

  test.each<[readonly string[], number | null]>([
    [['union'], 0],
    [['newest:x'], 0],
    [['conflict,collision=prefer:a'], 0],
    [['missing=prefer:a'], null],
    [['prefer:a'], null],
    [['missing=majority', 'conflict=coalesce'], null],
    [['missing=lane-owner'], null]
  ])('deletions under %j: %j', (policy, maxDeletes) => {
    expect(resolve({ flags: { policy } }).limits.maxDeletes).toBe(maxDeletes)
    expect(resolve({ flags: { policy, maxDeletes: '7' } }).limits.maxDeletes).toBe(7)
  })

  test('flag over environment over file', () => {
    const yaml =
      'repair: { maxRows: 3, maxDeletes: 3, maxPercent: 3, viaReplication: yes, allowTriggers: yes, allowReadOnly: yes }'
    const env = {
      MMAUDIT_MAX_ROWS: '2',
      MMAUDIT_MAX_DELETES: '2',
      MMAUDIT_MAX_PERCENT: '2',
      MMAUDIT_VIA_REPLICATION: 'no',
      MMAUDIT_ALLOW_TRIGGERS: 'no',
      MMAUDIT_ALLOW_READ_ONLY: 'no'
    }
    const flags = {
      maxRows: '1',
      maxDeletes: '1',
      maxPercent: '0.5',
      viaReplication: 'true',
      allowTriggers: 'true',
      allowReadOnly: 'true'
    }
    const all = ({ limits, ...rest }: ReturnType<typeof resolve>) => [
      limits.maxRows,
      limits.maxDeletes,
      limits.maxPercent,
      rest.viaReplication,
      rest.allowTriggers,
      rest.allowReadOnly
    ]
    expect(all(resolve({ yaml }))).toEqual([3, 3, 3, true, true, true])
    expect(all(resolve({ yaml, env }))).toEqual([2, 2, 2, false, false, false])
    expect(all(resolve({ yaml, env, flags }))).toEqual([1, 1, 0.5, true, true, true])
  })

  test('a master that looks emptied is allowed for one run only', () => {
    expect(resolve({ flags: { allowEmptied: 'true' } }).limits.allowEmptied).toBe(true)
    expect(resolve({ env: { MMAUDIT_ALLOW_EMPTIED: 'true' } }).limits.allowEmptied).toBe(false)
    expect(failure({ yaml: 'repair: { allowEmptied: true }' })[1]).toContain('repair.allowEmptied: unknown key')
  })

  test.each<[AuditFlags, string]>([
    [{ maxRows: '0' }, '--max-rows 0: must be a whole number from 1 to 1,000,000,000'],
    [{ maxDeletes: '-1' }, '--max-deletes -1: must be a whole number from 0 to 1,000,000,000'],
    [{ maxPercent: '101' }, '--max-percent 101: must be a number of per cent from 0 to 100']
  ])('%j', (flags, message) => {
    expect(failure({ flags })).toEqual(['usage', message])
  })
})
