// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is tested
import { describe, expect, test } from 'vitest'
import { loadConfigFile } from '../../src/config/config-file.js'
import { MmauditError } from '../../src/model/errors.js'
import { fakeFiles } from './fake-files.js'

function load(yaml: string, env: Readonly<Record<string, string>> = {}) {
  const files = fakeFiles({ '/srv/audit/mmaudit.yaml': yaml })
  return loadConfigFile({ named: null, cwd: '/srv/audit', home: '/home/dba', env, files })
}

function problems(yaml: string, env: Readonly<Record<string, string>> = {}): string[] {
  try {
    load(yaml, env)
  } catch (error) {
    if (error instanceof MmauditError && error.code === 'config') return error.message.split('\n')
    throw error
  }
  return []
}

const CONTRACT = `masters:
  a: { host: 192.168.1.10, user: mmaudit, password: \${MMAUDIT_PASSWORD_A} }
  b: { host: 192.168.1.11, user: mmaudit, password: \${MMAUDIT_PASSWORD_B} }
include: [retail_db.*]
exclude: [retail_db.tmp_*]
tables:
  retail_db.orders:
    identity: [customer_id, order_date]   # what makes it the same order, whatever its id
    ignoreColumns: [synced_at]
    where: "order_date >= '2026-01-01'"
repair:
  rules:                                   # first match wins
    - { tables: retail_db.orders, class: missing, policy: union }
    - { tables: retail_db.orders, class: conflict, policy: newest, column: updated_at }
    - { class: collision, policy: rekey }
`

describe('a configuration file', () => {
  test('of the documented form is read', () => {
    const settings = load(CONTRACT, { MMAUDIT_PASSWORD_A: 'one', MMAUDIT_PASSWORD_B: '}, user: root, x: {' })?.settings
    expect(settings?.masters).toEqual({
      a: { host: '192.168.1.10', user: 'mmaudit', password: 'one' },
      b: { host: '192.168.1.11', user: 'mmaudit', password: '}, user: root, x: {' }
    })
    expect(settings?.include).toEqual(['retail_db.*'])
    expect(settings?.tables).toEqual({
      'retail_db.orders': {
        identity: ['customer_id', 'order_date'],
        ignoreColumns: ['synced_at'],
        where: "order_date >= '2026-01-01'"
      }
    })
  })

  test('may be empty or absent', () => {
    expect(load('')?.settings).toEqual({})
    expect(load('# nothing yet\n')?.settings).toEqual({})
    expect(loadConfigFile({ named: null, cwd: '/elsewhere', home: '/', env: {}, files: fakeFiles({}) })).toBeNull()
  })

  test('takes numbers and lists in every spelling', () => {
    const settings = load('chunkRows: "500"\nconcurrency: ${N}\nconfirm: no\ninclude: a.b', { N: '4' })?.settings
    expect(settings).toEqual({ chunkRows: 500, concurrency: 4, confirm: false, include: ['a.b'] })
  })

  test('keeps an escaped placeholder and those in comments', () => {
    expect(load('where: "x = \'$${A}\'" # ${B}\n')?.settings.where).toBe("x = '${A}'")
  })
})

describe('a wrong configuration file is told with line and column', () => {
  const file = 'mmaudit.yaml'
  test.each<[string, string, readonly string[]]>([
    [
      'a variable that is not set',
      'masters:\n  a: { host: h, password: ${NOPE} }',
      [`${file}:2:27: the environment variable NOPE is not set`]
    ],
    [
      'malformed YAML',
      'include: [a.b',
      [`${file}:1:14: malformed YAML: Flow sequence in block collection must be sufficiently indented and end with a ]`]
    ],
    [
      'an unknown key',
      'masters:\n  a:\n    host: h\n    usr: x',
      [`${file}:4:5: masters.a.usr: unknown key; did you mean user?`]
    ],
    [
      'two unknown keys',
      'chunk-rows: 5\nzzz: 1',
      [`${file}:1:1: chunk-rows: unknown key; did you mean chunkRows?`, `${file}:2:1: zzz: unknown key`]
    ],
    ['a key that stands twice', 'where: a\nwhere: b', [`${file}:2:1: this key stands twice in the same map`]],
    ['a number out of range', 'concurrency:   99', [`${file}:1:16: concurrency: must be a whole number from 1 to 64`]],
    ['a list that is a map', 'include: { a: b }', [`${file}:1:10: include: must be a list, for example [a, b]`]],
    [
      'a text that is a number',
      'masters:\n  a: { password: 0123 }',
      [`${file}:2:18: masters.a.password: must be text; put it in quotes`]
    ],
    ['nothing where something belongs', 'where:', [`${file}:1:7: where: is empty`]],
    [
      'a reserved name',
      'masters:\n  skip: { host: h }',
      [`${file}:2:3: masters.skip: skip is a reserved word; give this master another name`]
    ],
    [
      'a name with a space',
      'masters:\n  "a b": { host: h }',
      [`${file}:2:3: masters."a b": the name of a master is made of letters, digits, _ . and -`]
    ],
    [
      'a table without a database',
      'tables:\n  orders: { where: x }',
      [
        `${file}:2:3: tables.orders: tables are named db.table, for example orders.orders, or orders.* for all of a database`
      ]
    ],
    [
      'an unquoted asterisk',
      'include: [*.orders]',
      [`${file}:1:11: a value that begins with * is an alias in YAML, and there is no such anchor`]
    ],
    ['a list for a file', '- a', [`${file}:1:1: the file: must be a map`]],
    [
      'a TLS mode',
      'masters:\n  a: { sslMode: require }',
      [
        `${file}:2:17: masters.a.sslMode: must be one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY; did you mean REQUIRED?`
      ]
    ],
    [
      'an unknown policy',
      'repair:\n  rules:\n    - { policy: newst }',
      [`${file}:3:17: repair.rules[0].policy: newst is not a policy; did you mean newest?`]
    ],
    [
      'a policy without its column',
      'repair: { rules: [{ policy: newest }] }',
      [`${file}:1:29: repair.rules[0].policy: newest needs a column: newest:updated_at`]
    ],
    [
      'a rule without a policy',
      'repair: { rules: [{ class: missing }] }',
      [`${file}:1:19: repair.rules[0].policy: is missing`]
    ],
    [
      'a policy for an unknown master',
      'masters: { a: {}, b: {} }\nrepair: { rules: [{ policy: prefer:c }] }',
      [`${file}:2:29: repair.rules[0].policy: there is no master named c; the masters are a, b`]
    ]
  ])('%s', (_, yaml, expected) => {
    expect(problems(yaml)).toEqual(expected)
  })

  test('a value filled in cannot bring YAML of its own', () => {
    const settings = load('where: ${W}', { W: 'x: y\nconfirm: false' })?.settings
    expect(settings).toEqual({ where: 'x: y\nconfirm: false' })
  })
})
