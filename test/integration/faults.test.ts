import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type FaultCell, LASTING, PASSING, SLOW } from '../support/fault-cells.js'
import { type Audited, FaultLab, plain } from '../support/fault-lab.js'
import { representativeKinds } from '../support/representative.js'
import { down, silence } from '../support/tcp-faults.js'

/** Most of the time is spent waiting for what is gone. */
vi.setConfig({ maxConcurrency: 4 })

/** Databases are made that nobody would remove from the servers of others. */
const kinds = representativeKinds().filter((kind) => !kind.includes('://'))
/** Connections break alike whoever is on the other side: one vendor meets them all, each other one those of a chunk. */
const tried = (kind: string) => ({
  passing: kind === kinds[0] ? PASSING : PASSING.filter(({ name }) => name.startsWith('chunk')),
  slow: kind === kinds[0] ? SLOW : [],
  lasting: kind === kinds[0] ? LASTING : LASTING.filter(({ name }) => name === 'chunk: gone for good')
})

const named = <Cell extends FaultCell>(cells: readonly Cell[]) => cells.map((cell) => [cell.name, cell] as const)

describe.each(kinds)('an audit of %s', (kind) => {
  const { passing, slow, lasting } = tried(kind)
  let lab: FaultLab
  let whole: Audited
  beforeAll(async () => {
    lab = await FaultLab.start(kind)
    whole = await lab.audit({})
    expect(whole.run, whole.run.stderr).toMatchObject({ code: 1 })
    expect(whole.report?.divergences).toHaveLength(4)
  })
  afterAll(() => lab?.down())

  describe.concurrent('with a master that is lost', () => {
    it.each(named(lasting))('%s', async (_, { master, failed, args = [], ...armed }) => {
      const { run, report, struck } = await lab.audit({ [master]: [armed] }, { args })
      expect(struck[0], run.stderr).toBeGreaterThan(0)
      expect(run, run.stderr).toMatchObject({ code: 2 })
      expect(report?.summary).toMatchObject({ complete: false, tables: 4, failed: Object.keys(failed).length })
      for (const table of report?.tables ?? []) {
        const { [table.table]: reason } = failed
        if (reason === undefined) expect(whole.report?.tables).toContainEqual(table)
        else expect(table).toMatchObject({ status: 'failed', reason: expect.stringMatching(reason), rows: {} })
      }
      // Of a master that is gone, the binlogs are as well.
      const unproven = whole.report?.divergences.map((divergence) => ({
        ...divergence,
        evidence: expect.toSatisfy(
          (told) => told?.verdict === 'unknown' || isDeepStrictEqual(told, divergence.evidence)
        )
      }))
      for (const divergence of report?.divergences ?? []) expect(unproven).toContainEqual(divergence)
    })
  })

  describe.concurrent('with a connection that fails once', () => {
    it.each(named([...passing, ...slow]))('%s', async (_, { master, args = [], ...armed }) => {
      const { run, report, struck } = await lab.audit({ [master]: [armed] }, { args })
      expect(struck, run.stderr).toEqual([1])
      expect(run, run.stderr).toMatchObject({ code: 1 })
      expect(plain(report)).toEqual(plain(whole.report))
    })
  })

  describe.concurrent('that cannot begin', () => {
    const CANNOT_CONNECT = /master b \(127.0.0.1:\d+\): cannot connect: /
    it.each([
      ['login: gone', 'connect', down(), CANNOT_CONNECT],
      ['login: silent', 'connect', silence(), /master b \(127.0.0.1:\d+\): cannot connect: connect ETIMEDOUT/],
      ['definitions: gone for good', /information_schema/, down(), CANNOT_CONNECT]
    ] as const)('%s', async (_, at, fault, message) => {
      const { run, report, struck } = await lab.audit({ b: [{ at, fault }] })
      expect(struck, run.stderr).toEqual([1])
      expect(run).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
      expect(run.stderr).toContain('check that the server runs, and the host, port and firewall')
      expect(report, 'nothing was compared').toBeNull()
    })

    it('login: unknown host name', async () => {
      const { run, report } = await lab.audit({}, { args: ['--master', 'c=mysql://mmaudit@no-such-host.invalid'] })
      expect(run.stderr).toMatch(
        /master c \(no-such-host.invalid:3306\): cannot connect: getaddrinfo (ENOTFOUND|EAI_AGAIN)/
      )
      expect(run.code).toBe(2)
      expect(report).toBeNull()
    })
  })
})
