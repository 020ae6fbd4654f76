import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startTestLab, type TestLab } from '../support/test-lab.js'

describe.each(inject('serverKinds'))('on %s', (kind) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 10 })
  })
  afterAll(() => lab?.down())

  /** Makes a table of another definition on each master, with rows of its own, and audits it. */
  async function audit(
    a: { readonly ddl: string; readonly rows: string },
    b: { readonly ddl: string; readonly rows: string },
    ...args: readonly string[]
  ) {
    for (const [name, { ddl, rows }] of Object.entries({ a, b })) {
      const statements = [
        "SET sql_mode = '', NAMES utf8mb4",
        'CREATE DATABASE IF NOT EXISTS drift_db CHARACTER SET utf8mb4',
        'DROP TABLE IF EXISTS drift_db.t',
        `CREATE TABLE drift_db.t ${ddl}`,
        `INSERT INTO drift_db.t VALUES ${rows}`
      ]
      await lab.runLocally(name, ...statements)
    }
    const { run, report } = await lab.diff(['drift_db.t', ...args])
    const [table] = report.tables
    if (table === undefined) throw new Error('the report lacks the table')
    return { run, table, report }
  }
  const same = (ddlA: string, ddlB: string, rows: string, ...args: readonly string[]) =>
    audit({ ddl: ddlA, rows }, { ddl: ddlB, rows }, ...args)

  it.each([
    ['another integer type', '(id INT PRIMARY KEY, v INT)', '(id INT PRIMARY KEY, v BIGINT)', 'type'],
    [
      'another integer type of the key',
      '(id INT PRIMARY KEY, v INT)',
      '(id BIGINT UNSIGNED PRIMARY KEY, v INT)',
      'type'
    ],
    ['another scale', '(id INT PRIMARY KEY, v DECIMAL(10,2))', '(id INT PRIMARY KEY, v DECIMAL(14,4))', 'type'],
    ['FLOAT beside DOUBLE', '(id INT PRIMARY KEY, v FLOAT)', '(id INT PRIMARY KEY, v DOUBLE)', 'type'],
    ['CHAR beside VARCHAR', '(id INT PRIMARY KEY, v CHAR(9))', '(id INT PRIMARY KEY, v VARCHAR(20))', 'type'],
    [
      'another character set',
      '(id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET latin1)',
      '(id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb4)',
      'charset'
    ],
    ['another nullability', '(id INT PRIMARY KEY, v INT)', '(id INT PRIMARY KEY, v INT NOT NULL)', 'nullability'],
    [
      'another engine',
      '(id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
      '(id INT PRIMARY KEY, v INT) ENGINE=MyISAM',
      'engine'
    ],
    [
      'an index that only one has',
      '(id INT PRIMARY KEY, v INT, UNIQUE KEY u (v))',
      '(id INT PRIMARY KEY, v INT)',
      'index'
    ]
  ])('compares equal values as equal under %s, and lists the drift', async (_, a, b, aspect) => {
    const { run, table, report } = await same(a, b, '(1, 10), (2, 25), (3, 2)')
    expect(table.drift.map((each) => each.aspect)).toContain(aspect)
    expect(report.divergences).toEqual([])
    expect(table).toMatchObject({ status: 'consistent', rows: { a: 3, b: 3 } })
    expect(run.code).toBe(0)
    expect(run.stdout).toContain('Definitions that differ')
  })

  it('finds a changed value under another type and character set', async () => {
    const { report } = await audit(
      {
        ddl: '(id INT PRIMARY KEY, n INT, s VARCHAR(9) CHARACTER SET latin1)',
        rows: "(1, 5, 'é'), (2, 6, 'ß'), (3, 7, 'x')"
      },
      { ddl: '(id BIGINT PRIMARY KEY, n DECIMAL(9,1), s TEXT)', rows: "(1, 5.5, 'é'), (2, 6, 'ss'), (3, 7, 'x')" }
    )
    expect(report.divergences).toMatchObject([
      { key: { id: '1' }, columns: ['n'] },
      { key: { id: '2' }, columns: ['s'] }
    ])
  })

  it('takes another order of columns for no difference in data', async () => {
    const { run, table } = await audit(
      { ddl: '(id INT PRIMARY KEY, v INT, w INT)', rows: '(1, 2, 3)' },
      { ddl: '(id INT PRIMARY KEY, w INT, v INT)', rows: '(1, 3, 2)' }
    )
    expect(table).toMatchObject({ status: 'consistent', drift: [{ aspect: 'order', name: null }] })
    expect(run.code).toBe(0)
  })

  it('compares what both have when a column is missing, and says which was not compared', async () => {
    const { run, table } = await audit(
      { ddl: '(id INT PRIMARY KEY, v INT, extra INT)', rows: '(1, 2, 3)' },
      { ddl: '(id INT PRIMARY KEY, v INT)', rows: '(1, 2)' }
    )
    expect(table).toMatchObject({
      status: 'consistent',
      reason: expect.stringContaining('column extra was not compared'),
      drift: [{ aspect: 'column', name: 'extra', masters: { b: null } }]
    })
    expect(run.code).toBe(0)
  })

  it('makes drift an error with --strict-schema', async () => {
    const { run, table } = await same(
      '(id INT PRIMARY KEY, v INT)',
      '(id INT PRIMARY KEY, v BIGINT)',
      '(1, 2)',
      '--strict-schema'
    )
    expect(table).toMatchObject({ status: 'failed', reason: expect.stringContaining('column v') })
    expect(run.code).toBe(2)
  })

  it('names the narrower type as the cause of a value that was cut', async () => {
    const rows = "(1, 'abcdefgh', 1.2345)"
    const { report } = await same(
      '(id INT PRIMARY KEY, s VARCHAR(4), n DECIMAL(9,2))',
      '(id INT PRIMARY KEY, s VARCHAR(20), n DECIMAL(9,4))',
      rows
    )
    const [divergence] = report.divergences
    expect(divergence?.columns).toEqual(['s', 'n'])
    expect(divergence?.reason).toContain('s looks cut to its narrower type on a (varchar(4))')
    expect(divergence?.reason).toContain('n looks cut to its narrower type on a (decimal(9,2))')
  })

  it('compares a table without a key as a multiset, counting duplicates', async () => {
    const ddl = '(v INT, s VARCHAR(9))'
    const equal = await audit({ ddl, rows: "(1,'x'),(1,'x'),(2,NULL)" }, { ddl, rows: "(2,NULL),(1,'x'),(1,'x')" })
    expect(equal.table).toMatchObject({ status: 'consistent', rows: { a: 3, b: 3 }, sums: { v: { a: '4', b: '4' } } })
    expect(equal.run.code).toBe(0)
    expect(equal.run.stderr + equal.run.stdout).not.toContain('internal error')

    const { report, table, run } = await audit(
      { ddl, rows: "(1,'x'),(1,'x'),(2,NULL),(3,'a')" },
      { ddl, rows: "(2,NULL),(1,'x'),(3,'b')" }
    )
    expect(run.code).toBe(1)
    expect(table).toMatchObject({ status: 'divergent', missing: 3, rows: { a: 4, b: 3 } })
    const reasons = report.divergences.map(({ key, reason }) => `${key.v} ${key.s}: ${reason.split('row: ')[1]}`)
    expect(reasons.sort()).toEqual(['1 x: 2 on a, 1 on b', '3 a: 1 on a, 0 on b', '3 b: 0 on a, 1 on b'])
  })

  it('does not take a nullable unique key for a key', async () => {
    const ddl = '(n INT, UNIQUE KEY n (n))'
    const { table } = await audit({ ddl, rows: '(NULL), (NULL), (1)' }, { ddl, rows: '(NULL), (1)' })
    expect(table).toMatchObject({ status: 'divergent', key: [], missing: 1, rows: { a: 3, b: 2 } })
  })

  it.each(['amount >', 'nope = 1', 'id = 1) OR (id = 2', 'id = (1'])(
    'refuses the condition %s before any audit',
    async (where) => {
      const run = await lab.diff(['retail_db.orders', '--where', where]).catch((error: Error) => error.message)
      expect(run).toContain('exit status 64')
    }
  )

  it('leaves a comment at the end of a condition where it is', async () => {
    const { run } = await lab.diff(['retail_db.orders', '--where', 'order_id < 3 -- the first'])
    expect(run.code).toBe(0)
  })
})
