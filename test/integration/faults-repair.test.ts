import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ACCOUNTS } from '../../src/lab/accounts.js'
import { FaultLab } from '../support/fault-lab.js'
import { representativeKinds } from '../support/representative.js'
import { cut, stall } from '../support/tcp-faults.js'
import type { ArmedFault } from '../support/tcp-proxy.js'

vi.setConfig({ maxConcurrency: 3 })

const IN_DOUBT =
  /^on b: it is not known whether it was committed, for the connection was lost; run again with --journal/
/** Nothing of the transaction stays. */
const LOST = /^on [ab]: .*(ECONNRESET|connection)/i

/** Databases are made that nobody would remove from the servers of others. */
const kinds = representativeKinds().filter((kind) => !kind.includes('://'))

describe.each(kinds)('a repair on %s', (kind) => {
  let lab: FaultLab
  beforeAll(async () => {
    lab = await FaultLab.start(kind)
  })
  afterAll(() => lab?.down())

  /** Repairs b as a is, with an account that may, and a journal that is gone on with. */
  function repair(database: string, faults: Readonly<Record<string, readonly ArmedFault[]>>) {
    const journal = join(lab.lab.dir, `${database}.journal`)
    const args = ['--repair', '--yes', '--policy', 'prefer:a', '--max-percent', '100', '--journal', journal]
    return lab.audit(faults, { database, tables: 'orders', user: ACCOUNTS.repair, args })
  }

  const checksumOf = (master: string, database: string) => lab.lab.query(master, `CHECKSUM TABLE ${database}.orders`)

  describe.concurrent('whose connection fails', () => {
    it.each([
      ['COMMIT: cut before it arrives', 'b', /^COMMIT/, cut(null), IN_DOUBT],
      ['COMMIT: cut before it is answered', 'b', /^COMMIT/, cut(), IN_DOUBT],
      ['COMMIT: stall', 'b', /^COMMIT/, stall(), IN_DOUBT],
      ['write: cut', 'b', /^(INSERT|UPDATE)/, cut(), LOST],
      ['lock of the rows to copy: cut', 'a', /IN SHARE MODE$|FOR SHARE$/, cut(), LOST]
    ] as const)('%s', async (name, master, at, fault, reason) => {
      const database = name.toLowerCase().replace(/\W/g, '_')
      await lab.createTables(database)
      const wanted = await checksumOf('a', database)

      const { run, report, struck } = await repair(database, { [master]: [{ at, fault }] })
      expect(struck, run.stderr).toEqual([1])
      expect(run, run.stderr).toMatchObject({ code: 2 })
      expect(report?.summary).toMatchObject({ complete: false })
      expect(report?.divergences.map(({ decision }) => decision)).toEqual([
        expect.objectContaining({ status: 'failed', reason: expect.stringMatching(reason) }),
        expect.objectContaining({ status: 'failed', reason: expect.stringMatching(reason) })
      ])

      const again = await repair(database, {})
      expect(again.run, again.run.stderr).toMatchObject({ code: 0 })
      expect(await checksumOf('a', database)).toEqual(wanted)
      expect(await checksumOf('b', database)).toEqual(wanted)
    })
  })
})
