import { describe, expect, it } from 'vitest'
import { checkDiverge } from '../../src/lab/diverge/options.js'
import { parseServers } from '../../src/lab/kinds.js'
import { checkUp, type LabUpOptions } from '../../src/lab/up-options.js'

const up = (options: Partial<LabUpOptions>) => checkUp({ dir: 'lab', ...options })

describe('lab up', () => {
  it('starts two MariaDB masters unless told otherwise', () => {
    expect(up({})).toMatchObject({ servers: ['mariadb', 'mariadb'], rows: 10_000, seed: 1, port: null, install: false })
  })

  it('gives servers to masters in turn', () => {
    expect(up({ server: 'mariadb, mysql' }).servers).toEqual(['mariadb', 'mysql'])
    expect(up({ server: 'mariadb,mysql', masters: 3 }).servers).toEqual(['mariadb', 'mysql', 'mariadb'])
  })

  it.each<[string, Partial<LabUpOptions>]>([
    ['no master', { masters: 0 }],
    ['one master', { masters: 1 }],
    ['ten masters', { masters: 10 }],
    ['half a master', { masters: 2.5 }],
    ['no rows', { rows: 0 }],
    ['rows that are no number', { rows: Number.NaN }],
    ['a negative seed', { seed: -1 }],
    ['a port that leaves no room', { port: 65_535 }],
    ['more servers than masters', { server: 'mariadb,mysql,mariadb', masters: 2 }],
    ['an unknown server', { server: 'postgres' }],
    ['lanes that nobody knows', { lanes: 'upside-down' }]
  ])('refuses %s', (_, options) => {
    expect(() => up(options)).toThrow(expect.objectContaining({ name: 'MmauditError', code: 'usage' }))
  })
})

describe('servers', () => {
  it('know their other names, and paths', () => {
    const [ten, nine, path] = parseServers('mariadb-10.11,mysql-9.7,/opt/mysql/bin/mysqld')
    expect(ten).toMatchObject({ kind: { name: 'mariadb', vendor: 'mariadb' } })
    expect(nine).toMatchObject({ kind: { name: 'mysql', vendor: 'mysql' } })
    expect(path).toEqual({ path: '/opt/mysql/bin/mysqld' })
  })
})

describe('lab diverge', () => {
  it('makes everything unless told otherwise', () => {
    expect(checkDiverge({ dir: 'lab' })).toMatchObject({
      count: 5,
      seed: 1,
      hows: expect.objectContaining({ length: 7 })
    })
  })

  it('knows the classes by their kinds', () => {
    expect(checkDiverge({ dir: 'lab', class: 'swap' }).hows).toEqual(['swap', 'even-update'])
    expect(checkDiverge({ dir: 'lab', class: 'collision' }).hows).toEqual(['same-id'])
    expect(checkDiverge({ dir: 'lab', class: 'lost-delete' }).hows).toEqual(['lost-delete'])
    expect(checkDiverge({ dir: 'lab', class: 'crosswise' }).hows).toEqual(['crossing-updates'])
  })

  it.each([{ class: 'mess' }, { count: 0 }, { seed: 0.5 }])('refuses %j', (options) => {
    expect(() => checkDiverge({ dir: 'lab', ...options })).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})
