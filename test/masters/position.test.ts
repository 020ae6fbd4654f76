import { describe, expect, test } from 'vitest'
import { coversGtids, ownGtids, parseGtids, reachesFile } from '../../src/masters/position.js'

describe('MariaDB GTIDs', () => {
  test('are parsed with domain, server and sequence', () => {
    expect(parseGtids('0-1-100,7-22-3')).toEqual([
      { domain: 0, serverId: 1, sequence: 100n },
      { domain: 7, serverId: 22, sequence: 3n }
    ])
  })

  test('keep every digit of a long sequence', () => {
    expect(parseGtids('0-1-18446744073709551615')[0]?.sequence).toBe(18446744073709551615n)
  })

  test('may stand apart by spaces and line ends', () => {
    expect(parseGtids('0-1-1,\n 0-2-5 ')).toHaveLength(2)
  })

  test.each(['', ' ', 'none', '0-1', '0-1-x'])('are none in %j', (text) => {
    expect(parseGtids(text)).toEqual([])
  })
})

describe('a follower covers', () => {
  /** A follower that is given a binlog logs what it applies. */
  function covers(have: { binlog?: string; slave?: string }, wanted: string): boolean {
    const applied = {
      serverId: 2,
      logsApplied: have.binlog !== undefined,
      binlogState: parseGtids(have.binlog ?? ''),
      slavePosition: parseGtids(have.slave ?? '')
    }
    return coversGtids(applied, parseGtids(wanted))
  }

  test.each<[string, { binlog?: string; slave?: string }, string]>([
    ['nothing, when nothing is wanted', {}, ''],
    ['what it wrote itself, whatever it tells', {}, '0-2-100'],
    ['what its binlog holds', { binlog: '1-1-10' }, '1-1-10'],
    ['what lies before the end of its binlog', { binlog: '1-1-11' }, '1-1-10'],
    ['what it applied without logging it', { slave: '1-1-10' }, '1-1-10'],
    ['what it applied before another server wrote in that domain', { slave: '0-3-12' }, '0-1-10'],
    ['what it stepped over although it logs', { binlog: '1-1-9', slave: '1-1-10' }, '1-1-10'],
    ['each server by its own entry', { binlog: '1-1-10,3-3-7' }, '1-1-10,3-3-7,2-2-99']
  ])('%s', (_, have, wanted) => {
    expect(covers(have, wanted)).toBe(true)
  })

  test.each<[string, { binlog?: string; slave?: string }, string]>([
    ['what it never heard of', {}, '1-1-1'],
    ['what is one ahead of its binlog', { binlog: '1-1-9' }, '1-1-10'],
    ['what is one ahead of what it applied', { slave: '1-1-9' }, '1-1-10'],
    ['another domain', { binlog: '2-1-99', slave: '2-1-99' }, '1-1-10'],
    ['what another server wrote, because its own writes are further', { binlog: '0-2-99' }, '0-1-10'],
    [
      'what one server wrote, because another is further in a domain they share',
      { binlog: '0-1-150,0-3-140', slave: '0-1-150' },
      '0-3-145'
    ],
    [
      'what another server wrote, when it logs and has none of that in its binlog',
      { binlog: '', slave: '0-3-12' },
      '0-1-10'
    ],
    ['all, when one of several is missing', { binlog: '1-1-10' }, '1-1-10,3-3-1']
  ])('not %s', (_, have, wanted) => {
    expect(covers(have, wanted)).toBe(false)
  })
})

describe('the transactions that MySQL is committing', () => {
  const [own, other] = ['1e725ec5-e6c3-11f1-a1d5-02fc00000001', '93e1c0aa-e6c3-11f1-b0f0-02fc00000001']

  test.each([
    ['', []],
    [`${own}:7#19`, [`${own}:7`]],
    [`${own}:9#19:8#20`, [`${own}:9`, `${own}:8`]],
    [`${other}:3#21`, []],
    // As the server prints it: a thread runs into the uuid that follows.
    [`${other}:3#21${own}:9#19:8#17${own}:tagged:7#20`, [`${own}:9`, `${own}:8`, `${own}:tagged:7`]],
    [`${own}:9#1${other}:3#21`, [`${own}:9`]]
  ])('in %j', (owned, expected) => {
    expect(ownGtids(owned, own)).toEqual(expected)
  })

  test('are none on a server that does not tell its uuid', () => {
    expect(ownGtids(`${own}:7#19`, '')).toEqual([])
  })
})

describe('a file position reaches another', () => {
  const at = (file: string, offset: number) => ({ file, offset })

  test.each([
    ['in the same place', at('bin.000004', 100), at('bin.000004', 100), true],
    ['further on', at('bin.000004', 101), at('bin.000004', 100), true],
    ['not yet there', at('bin.000004', 99), at('bin.000004', 100), false],
    ['in a later file', at('bin.000005', 4), at('bin.000004', 100), true],
    ['in an earlier file', at('bin.000003', 999), at('bin.000004', 100), false],
    ['past the sixth digit', at('bin.1000000', 4), at('bin.999999', 100), true],
    ['in a file of a name with dots', at('host.example.000010', 4), at('host.example.000009', 100), true],
    ['with no file at all', at('', 0), at('bin.000001', 4), false]
  ])('%s', (_, have, wanted, expected) => {
    expect(reachesFile(have, wanted)).toBe(expected)
  })
})
