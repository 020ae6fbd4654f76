import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  type LabState,
  labDiverge,
  labDown,
  labStatus,
  labTraffic,
  labUp,
  readLab,
  readTruth
} from '../../src/lab/index.js'
import { serversOn } from '../../src/lab/processes.js'
import { mmaudit } from '../support/mmaudit.js'

const local = inject('serverKinds').filter((kind) => !kind.includes(':'))

describe.each(local)('a lab of %s', (kind) => {
  let root: string
  let dir: string
  let lab: LabState
  beforeAll(async () => {
    root = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mmaudit-lab-'))
    dir = join(root, 'lab')
    lab = await labUp({ dir, server: kind, rows: 300 })
  })
  afterAll(async () => {
    if (existsSync(dir)) await labDown({ dir })
    await rm(root, { recursive: true, force: true })
  })

  const servers = () => lab.masters.flatMap(({ dataDir }) => (dataDir === null ? [] : serversOn(dataDir)))

  it('runs two masters in lanes of their own, each receiving from the other', async () => {
    const { masters } = await labStatus({ dir })
    expect(masters.map(({ answer }) => answer?.lane)).toEqual([
      { increment: 2, offset: 1 },
      { increment: 2, offset: 2 }
    ])
    expect(masters.map(({ answer }) => answer?.replication)).toMatchObject([
      { sourceName: 'b', connected: true, applying: true, errno: 0 },
      { sourceName: 'a', connected: true, applying: true, errno: 0 }
    ])
    expect(servers()).toHaveLength(2)
  })

  it('does not start over a lab that runs, nor over what is not a lab', async () => {
    await expect(labUp({ dir, server: kind })).rejects.toMatchObject({ code: 'usage', hint: /lab down/ })
    await expect(labUp({ dir: root, server: kind })).rejects.toMatchObject({ code: 'usage' })
    expect(servers()).toHaveLength(2)
  })

  it('diverges in every class, goes on replicating, and takes traffic beside it', async () => {
    const { made } = await labDiverge({ dir, count: 4 })
    const { divergences } = await readTruth(dir)
    expect(divergences).toEqual(made)
    expect(new Set(made.map((each) => each.class))).toEqual(new Set(['missing', 'conflict', 'collision']))
    expect(new Set(made.map((each) => each.how)).size).toBe(7)
    for (const { holders } of made) expect(new Set(Object.values(holders)).size).toBe(2)

    const done = await labTraffic({ dir, seconds: 1, writesPerSecond: 100 })
    expect(done.transactions).toEqual({ a: expect.any(Number), b: expect.any(Number) })
    for (const { answer } of (await labStatus({ dir })).masters) {
      expect(answer?.replication).toMatchObject({ connected: true, applying: true, errno: 0 })
    }
  })

  it('is found and cleaned up when its servers were killed', async () => {
    const [first] = servers()
    if (first === undefined) throw new Error('no server runs')
    process.kill(first, 'SIGKILL')
    await expect.poll(servers).toHaveLength(1)
    const said: string[] = []
    lab = await labUp({ dir, server: kind, rows: 300, say: (line) => said.push(line) })
    expect(said.join('\n')).toMatch(/left over/)
    expect(servers()).toHaveLength(2)
    expect(await readLab(dir)).toEqual(lab)
    expect((await readTruth(dir)).divergences).toEqual([])
  })

  it('ends without a trace', async () => {
    await expect(labDown({ dir })).resolves.toEqual({ stopped: 2, removed: true })
    expect(servers()).toEqual([])
    expect(readdirSync(root)).toEqual([])
  })
})

describe('mmaudit lab', () => {
  it('says what is wrong with the command line', async () => {
    const run = await mmaudit(['lab', 'up', '--masters', '0'])
    expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining('--masters') })
  })

  it('says that there is no lab', async () => {
    const run = await mmaudit(['lab', 'status', '--dir', join(tmpdir(), 'mmaudit-no-lab')])
    expect(run).toMatchObject({ code: 64, stderr: expect.stringContaining('lab up') })
  })
})
