import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ensureServer } from '../../src/lab/index.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** MySQL fixes the setting when a data folder is made; MariaDB takes it at every start. */
const KIND = 'mariadb-10.11'

const available = inject('serverKinds').includes(KIND)
if (!available) process.stderr.write(`\n*** LEFT OUT: names that differ in case are only tried on ${KIND}\n\n`)

describe.runIf(available)('masters of which one keeps the names of tables in lower case', () => {
  let lab: TestLab
  let folder: string
  beforeAll(async () => {
    const server = await ensureServer(KIND, { install: false, say: () => {} })
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-names-'))
    const folding = join(folder, 'mariadbd')
    await writeFile(folding, `#!/bin/sh\nexec '${server.command.join("' '")}' "$@" --lower-case-table-names=1\n`)
    await chmod(folding, 0o755)
    lab = await startTestLab(`${KIND},${folding}`, { rows: 10 })
  })
  afterAll(async () => {
    await lab?.down()
    await rm(folder, { recursive: true, force: true })
  })

  it('compares tables whose names differ in case only', async () => {
    for (const [name, value] of Object.entries({ a: 1, b: 2 })) {
      const rows = `(1, 0, 0, 0), (2, ${value}, 0, 0)`
      await lab.runLocally(
        name,
        'CREATE DATABASE names_db',
        'CREATE TABLE names_db.Mixed_Case (id INT PRIMARY KEY, v INT, w INT, x INT)',
        `INSERT INTO names_db.Mixed_Case VALUES ${rows}`
      )
    }
    const { report } = await lab.diff(['names_db.*'])
    expect(report.tables).toMatchObject([
      { table: 'Mixed_Case', status: 'divergent', conflict: 1, rows: { a: 2, b: 2 } }
    ])
    expect(report.divergences).toMatchObject([{ key: { id: '2' }, columns: ['v'] }])
  })
})
