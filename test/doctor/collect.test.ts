import { expect, test } from 'vitest'
import { TransactionCollector, type Wanted } from '../../src/doctor/unblock/collect.js'
import { EventType } from '../../src/wire/binlog/codes.js'

const CHECKSUM = Buffer.from('i.zA')
const ARTIFICIAL = 0x20
const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562'

/** Events of a file as a server sends them, one behind the other. */
class FileOfEvents {
  readonly #events: Buffer[] = []
  readonly #checksums: boolean
  #at = 4

  constructor(checksums: boolean) {
    this.#checksums = checksums
    this.#sent(EventType.rotate, Buffer.concat([numbers(4n), Buffer.from('binlog.000007')]), 0, ARTIFICIAL)
    const kind = Buffer.from([checksums ? 1 : 0])
    this.add(
      EventType.formatDescription,
      Buffer.concat([Buffer.alloc(50), kind, checksums ? Buffer.alloc(0) : CHECKSUM])
    )
  }

  /** Where the next event begins. */
  get at(): number {
    return this.#at
  }

  add(type: number, body: Buffer = Buffer.alloc(0)): this {
    const whole = this.#checksums ? Buffer.concat([body, CHECKSUM]) : body
    this.#at += 19 + whole.length
    this.#sent(type, whole, this.#at, 0)
    return this
  }

  rotate(file: string): this {
    this.add(EventType.rotate, Buffer.concat([numbers(4n), Buffer.from(file)]))
    this.#at = 4
    return this
  }

  mariadb(sequence: bigint, standalone = false): this {
    return this.add(EventType.mariadbGtid, Buffer.concat([numbers(sequence, 7), Buffer.from([standalone ? 1 : 0])]))
  }

  mysql(number: bigint): this {
    const uuid = Buffer.from(UUID.replaceAll('-', ''), 'hex')
    return this.add(EventType.gtid, Buffer.concat([Buffer.from([0]), uuid, numbers(number), Buffer.alloc(4)]))
  }

  query(sql: string): this {
    return this.add(EventType.query, Buffer.concat([Buffer.alloc(14), Buffer.from(sql)]))
  }

  rows(): this {
    return this.add(EventType.writeRows, Buffer.alloc(20, 7))
  }

  commit(): this {
    return this.add(EventType.xid, numbers(1n))
  }

  /** Hands the events to a collector as packets of a larger buffer. */
  collect(wanted: Wanted): TransactionCollector {
    const collector = new TransactionCollector(wanted)
    for (const event of this.#events) {
      const packet = Buffer.concat([Buffer.from([0]), event])
      if (!collector.take(packet, 1, packet.length)) break
    }
    return collector
  }

  #sent(type: number, body: Buffer, next: number, flags: number): void {
    const header = Buffer.alloc(19)
    header[4] = type
    header.writeUInt32LE(2, 5)
    header.writeUInt32LE(19 + body.length, 9)
    header.writeUInt32LE(next, 13)
    header.writeUInt16LE(flags, 17)
    this.#events.push(Buffer.concat([header, body]))
  }
}

function numbers(...values: readonly (number | bigint)[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(typeof value === 'bigint' ? 8 : 4)
      if (typeof value === 'bigint') bytes.writeBigUInt64LE(value)
      else bytes.writeUInt32LE(value)
      return bytes
    })
  )
}

const from = (offset: number, gtid: string | null = null): Wanted => ({ from: { file: 'binlog.000007', offset }, gtid })
const typesOf = (collector: TransactionCollector) => collector.found?.events.map((event) => event[4])

test.each([true, false])('the first transaction at a position, whole and alone (checksums: %s)', (checksums) => {
  const file = new FileOfEvents(checksums)
  file.mariadb(1n).rows().commit()
  const begin = file.at
  file.mariadb(2n).rows().rows().commit()
  const end = file.at
  file.mariadb(3n).rows().commit()
  const collector = file.collect(from(begin))
  expect(collector.found).toMatchObject({ gtid: '7-2-2', begin: { file: 'binlog.000007', offset: begin }, end })
  const { formatDescription, mariadbGtid, writeRows, xid } = EventType
  expect(typesOf(collector)).toEqual([formatDescription, mariadbGtid, writeRows, writeRows, xid])
})

test('a transaction by its GTID, behind the position from which on others were applied', () => {
  const file = new FileOfEvents(true)
  for (const number of [1n, 2n, 3n]) file.mysql(number).query('BEGIN').rows().commit()
  expect(file.collect(from(4, `${UUID}:3`)).found?.gtid).toBe(`${UUID}:3`)
  expect(file.collect(from(4, `${UUID}:9`)).found).toBeNull()
})

test('a statement that stands alone ends with itself, and one within BEGIN and COMMIT with those', () => {
  const alone = new FileOfEvents(true).mysql(1n).query('ALTER TABLE t ADD b INT').mysql(2n).query('BEGIN').commit()
  expect(typesOf(alone.collect(from(4)))).toHaveLength(3)
  const standalone = new FileOfEvents(true)
    .mariadb(1n, true)
    .query('CREATE TABLE t (a INT)')
    .mariadb(2n)
    .rows()
    .commit()
  expect(typesOf(standalone.collect(from(4)))).toHaveLength(3)
  const within = new FileOfEvents(true)
    .mysql(1n)
    .query('BEGIN')
    .query('INSERT INTO t VALUES (1)')
    .query('COMMIT')
    .mysql(2n)
  expect(typesOf(within.collect(from(4)))).toHaveLength(5)
})

test('a transaction in the next file has its place there', () => {
  const file = new FileOfEvents(true)
  file.mariadb(1n).rows().commit()
  const end = file.at
  file.rotate('binlog.000008').add(EventType.formatDescription, Buffer.concat([Buffer.alloc(50), Buffer.from([1])]))
  const begin = file.at
  file.mariadb(2n).rows().commit()
  expect(file.collect(from(end)).found).toMatchObject({
    gtid: '7-2-2',
    begin: { file: 'binlog.000008', offset: begin }
  })
})

test('a transaction that is still being written is not found', () => {
  expect(new FileOfEvents(true).mariadb(1n).rows().collect(from(4)).found).toBeNull()
})
