import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RowFramer, rowByRow } from '../../src/masters/row-framer.js'

/** The longest payload of one packet; a packet as long as that is continued by the next. */
const LONGEST = 0xffffff

/**
 * What the framer handed out: rows of a block and large rows without their headers, other packets with them.
 * Bytes are kept as latin1 text: copied, for buffers are only lent, and quick to compare.
 */
interface Taken {
  readonly kind: 'row' | 'large' | 'other'
  readonly bytes: string
}

interface Framed {
  readonly taken: readonly Taken[]
  readonly blocks: readonly string[]
}

/** Pushes what socket reads returned; rows are expected as soon as `metadata` packets were forwarded. */
function frame(reads: Iterable<Buffer>, metadata = 0): Framed {
  const taken: Taken[] = []
  const blocks: string[] = []
  let forwarded = 0
  const take = (kind: Taken['kind'], bytes: Buffer) => taken.push({ kind, bytes: bytes.toString('latin1') })
  const rows = rowByRow((buffer, start, end) => take('row', buffer.subarray(start, end)))
  const framer = new RowFramer(
    {
      block(buffer, start, end, count) {
        blocks.push(buffer.toString('latin1', start, end))
        const before = taken.length
        rows.block(buffer, start, end, count)
        expect(count, 'the rows of a block are counted').toBe(taken.length - before)
      },
      large: (row) => take('large', row)
    },
    {
      forward(packet) {
        forwarded++
        take('other', packet)
      },
      expectsRows: () => forwarded >= metadata
    }
  )
  for (const read of reads) {
    const lent = Buffer.from(read)
    framer.push(lent)
    // The next read goes to the same place.
    lent.fill(0xee)
  }
  expect(framer.rows, 'rows are counted').toBe(taken.filter(({ kind }) => kind !== 'other').length)
  return { taken, blocks }
}

interface Packet {
  readonly sequence: number
  readonly payload: Buffer
}

function packetBytes({ payload, sequence }: Packet): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(payload.length, 0, 3)
  header[3] = sequence
  return Buffer.concat([header, payload])
}

function streamBytes(packets: readonly Packet[]): Buffer {
  return Buffer.concat(packets.map(packetBytes))
}

/** What blocks of these rows have to be together. */
function blockBytes(rows: readonly Buffer[]): string {
  return streamBytes(rows.map((payload) => ({ payload, sequence: 0 }))).toString('latin1')
}

/** Packets with these payloads, numbered as a server does. */
function numbered(...payloads: readonly Buffer[]): readonly Packet[] {
  return payloads.map((payload, at) => ({ payload, sequence: (at + 1) % 256 }))
}

/** The bytes as reads of these lengths return them; the list begins anew at its end. */
function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer, void> {
  for (let at = 0, read = 0; at < bytes.length; read++) {
    const length = lengths[read % lengths.length] ?? 1
    yield Buffer.from(bytes.subarray(at, at + length))
    at += length
  }
}

function isRow(packet: Packet): boolean {
  return packet.payload[0] === 0
}

/** What has to be taken from metadata and then rows and other packets, one packet after the other. */
function expected(metadata: readonly Packet[], results: readonly Packet[]): readonly Taken[] {
  const other = (packet: Packet): Taken => ({ kind: 'other', bytes: packetBytes(packet).toString('latin1') })
  const rowOrOther = (packet: Packet): Taken =>
    isRow(packet) ? { kind: 'row', bytes: packet.payload.toString('latin1') } : other(packet)
  return [...metadata.map(other), ...results.map(rowOrOther)]
}

function numberedAnyhow(payload: fc.Arbitrary<Buffer>): fc.Arbitrary<Packet> {
  return fc.record({ payload, sequence: fc.nat({ max: 255 }) })
}

function startingWith(first: fc.Arbitrary<number>, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.tuple(first, fc.uint8Array({ maxLength })).map(([byte, rest]) => Buffer.concat([Buffer.of(byte), rest]))
}

/** Rows whose lengths need one, two and three bytes. */
const rowPayload = fc.oneof(
  { weight: 8, arbitrary: startingWith(fc.constant(0), 40) },
  { weight: 4, arbitrary: startingWith(fc.constant(0), 600) },
  { weight: 1, arbitrary: fc.integer({ min: 65_000, max: 70_000 }).map((length) => Buffer.alloc(length, '\0row')) }
)
const emptyPayload = fc.constant(Buffer.alloc(0))
/** EOF and ERR packets. */
const endPayload = startingWith(fc.constantFrom(0xfe, 0xff), 40)
/** Column definitions, and whatever else begins like a row although rows are not due. */
const metadataPayload = startingWith(fc.oneof(fc.constant(0), fc.nat({ max: 255 })), 60)

const packets = fc.record({
  metadata: fc.array(numberedAnyhow(fc.oneof(metadataPayload, emptyPayload)), { maxLength: 8 }),
  results: fc.array(
    numberedAnyhow(
      fc.oneof(
        { weight: 8, arbitrary: rowPayload },
        { weight: 1, arbitrary: emptyPayload },
        { weight: 2, arbitrary: endPayload }
      )
    ),
    { maxLength: 40 }
  )
})

const readLengths = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 60 }),
  fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 30 })
)

describe('wherever reads of the socket end', () => {
  test('rows and other packets come out whole, once and in order', () =>
    fc.assert(
      fc.property(packets, readLengths, ({ metadata, results }, lengths) => {
        const { taken } = frame(cut(streamBytes([...metadata, ...results]), lengths), metadata.length)
        expect(taken).toEqual(expected(metadata, results))
      })
    ))

  test('blocks are together the same bytes: every row packet, with sequence number zero', () =>
    fc.assert(
      fc.property(packets, readLengths, ({ metadata, results }, lengths) => {
        const { blocks } = frame(cut(streamBytes([...metadata, ...results]), lengths), metadata.length)
        expect(blocks.join('')).toBe(blockBytes(results.filter(isRow).map((row) => row.payload)))
      })
    ))

  test('a stream cut once comes out the same, whichever the place', () => {
    const metadata = numbered(Buffer.of(2), Buffer.from('\0def'), Buffer.of(0xfe, 0, 0))
    const results = numbered(
      Buffer.from('\0one'),
      Buffer.of(0),
      Buffer.alloc(0),
      Buffer.alloc(300, '\0three'),
      Buffer.of(0xff, 0x15)
    )
    const bytes = streamBytes([...metadata, ...results])
    for (let place = 0; place <= bytes.length; place++) {
      const reads = [bytes.subarray(0, place), bytes.subarray(place)].map((read) => Buffer.from(read))
      expect(frame(reads, metadata.length).taken).toEqual(expected(metadata, results))
    }
  })

  test('a packet waits for its last byte', () => {
    const bytes = streamBytes(numbered(Buffer.from('\0row')))
    expect(frame([bytes.subarray(0, -1)])).toEqual({ taken: [], blocks: [] })
  })
})

describe('rows', () => {
  test('that arrive together go to the sink together', () => {
    const rows = numbered(Buffer.from('\0a'), Buffer.from('\0b'), Buffer.from('\0c'))
    expect(frame([streamBytes(rows)]).blocks).toHaveLength(1)
  })

  test('before and behind another packet go to the sink apart, in order', () => {
    const all = numbered(Buffer.from('\0a'), Buffer.of(0xfe), Buffer.from('\0b'))
    const { taken, blocks } = frame([streamBytes(all)])
    expect(taken).toEqual(expected([], all))
    expect(blocks).toHaveLength(2)
  })

  test('are none before they are expected, whatever a packet begins with', () => {
    const metadata = numbered(Buffer.from('\0one'), Buffer.of(0))
    const row = { payload: Buffer.from('\0row'), sequence: 3 }
    const { taken } = frame([streamBytes([...metadata, row])], metadata.length)
    expect(taken.map(({ kind }) => kind)).toEqual(['other', 'other', 'row'])
  })
})

/** The parts of a row as the server sends them: the last is shorter than a whole packet, and may be empty. */
function parts(row: Buffer): readonly Buffer[] {
  const whole = Math.floor(row.length / LONGEST)
  return Array.from({ length: whole + 1 }, (_, at) => row.subarray(at * LONGEST, (at + 1) * LONGEST))
}

describe('a row too large for one packet', () => {
  const before = Buffer.from('\0before')
  const after = Buffer.from('\0after')
  const end = Buffer.of(0xfe, 0, 0, 0, 0)

  /** A row whose second packet begins with this byte. */
  function large(length: number, second: number): Buffer {
    const row = Buffer.alloc(length, '\0large row')
    if (length > LONGEST) row[LONGEST] = second
    return row
  }

  test.each([
    ['as long as a packet, and so continued by an empty one', LONGEST, 0, [65_536]],
    ['as long as a packet, read packet by packet', LONGEST, 0, [before.length + 4, LONGEST + 4, 4]],
    ['continued by what looks like the end of the rows', LONGEST + 5, 0xfe, [1_000_003, 7]],
    ['continued by what looks like a row', LONGEST + 5, 0, [1_000_003]],
    ['cut in the header of its second packet', LONGEST + 5, 1, [before.length + 4 + LONGEST + 4 + 2, 1]],
    ['as long as two packets', 2 * LONGEST, 0, [65_536]]
  ])('%s, arrives once, whole, between its neighbours', (_, length, second, lengths) => {
    const row = large(length, second)
    const all = numbered(before, ...parts(row), after, end)
    const { taken, blocks } = frame(cut(streamBytes(all), lengths))
    expect(taken.map(({ kind }) => kind)).toEqual(['row', 'large', 'row', 'other'])
    // Millions of bytes: compared as a whole, for a listing of their differences would never end.
    const wanted = [before, row, after, packetBytes({ payload: end, sequence: all.length })]
    expect(taken.map(({ bytes }, at) => wanted[at]?.toString('latin1') === bytes)).toEqual([true, true, true, true])
    expect(blocks.join('')).toBe(blockBytes([before, after]))
  })

  test('begins one byte behind the longest that goes in a block', () => {
    const row = large(LONGEST - 1, 0)
    const { taken } = frame(cut(streamBytes(numbered(row, end)), [1_000_003]))
    expect(taken.map(({ kind, bytes }) => [kind, bytes.length])).toEqual([
      ['row', LONGEST - 1],
      ['other', end.length + 4]
    ])
  })

  test('is handed over row by row like any other', () => {
    const rows: Buffer[] = []
    rowByRow((buffer, start, stop) => rows.push(buffer.subarray(start, stop))).large(before)
    expect(rows).toEqual([before])
  })
})
