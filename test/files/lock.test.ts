import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitForLock, withLock } from '../../src/files/lock.js'

describe('a lock', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-lock-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('says who holds it', async () => {
    const file = join(folder, 'held')
    await withLock(file, 'this lab', 'writing traffic', async () => {
      await expect(withLock(file, 'this lab', 'ending the lab', async () => {})).rejects.toThrow(
        `this lab is busy: writing traffic (process ${process.pid})`
      )
    })
    expect(existsSync(file)).toBe(false)
  })

  it('is given back when the work fails', async () => {
    const file = join(folder, 'failed')
    await expect(withLock(file, 'this lab', 'x', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(withLock(file, 'this lab', 'x', async () => 'again')).resolves.toBe('again')
  })

  it('of a process that is no more is taken over', async () => {
    const file = join(folder, 'stale')
    // Our own process id with another start time: the id was given out again.
    await writeFile(file, `${process.pid} 1\nstarting a lab\n`)
    await expect(withLock(file, 'this lab', 'x', async () => 'mine')).resolves.toBe('mine')
  })

  it('can be waited for', async () => {
    const file = join(folder, 'awaited')
    const order: string[] = []
    const slow = waitForLock(file, 'first', async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      order.push('first')
    })
    await new Promise((resolve) => setTimeout(resolve, 10))
    await Promise.all([slow, waitForLock(file, 'second', async () => void order.push('second'))])
    expect(order).toEqual(['first', 'second'])
  })
})
