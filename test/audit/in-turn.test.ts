import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InTurn } from '../../src/audit/in-turn.js'
import { type RowSink, rowByRow } from '../../src/masters/row-framer.js'
import { int, rowPacket } from '../support/row-packet.js'

function withHeader(packet: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(packet.length, 0, 3)
  return Buffer.concat([header, packet])
}

/** Writes down the numbers of its rows, and counts them as it is told to. */
class Taker implements RowSink {
  readonly taken: number[] = []
  counted = 0
  readonly #rows = rowByRow((buffer, _start, end) => this.taken.push(buffer.readInt32LE(end - 4)))

  block(buffer: Buffer, start: number, end: number, rows: number) {
    this.counted += rows
    this.#rows.block(buffer, start, end, rows)
  }

  large(row: Buffer) {
    this.counted++
    this.#rows.large(row)
  }
}

/** Sends numbered rows in blocks of so many; one of none stands for a single large row. Returns how many were sent. */
function send(blocks: readonly number[], sink: RowSink): number {
  let id = 0
  for (const count of blocks) {
    if (count === 0) sink.large(rowPacket([int(id++)]))
    else {
      const packets = Array.from({ length: count }, () => withHeader(rowPacket([int(id++)])))
      const block = Buffer.concat([Buffer.from('before'), ...packets, Buffer.from('behind')])
      sink.block(block, 'before'.length, block.length - 'behind'.length, count)
    }
  }
  return id
}

test('each takes its rows in turn, and the last what is left, however they arrive', () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5 })),
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }),
      (blocks, shares) => {
        const turns = shares.map((rows) => ({ sink: new Taker(), rows }))
        const last = new Taker()
        const inTurn = new InTurn(turns, last)
        const sent = send(blocks, inTurn)
        const all = Array.from({ length: sent }, (_, id) => id)
        for (const { sink, rows } of turns) {
          expect(sink.taken).toEqual(all.splice(0, rows))
          expect(sink.counted).toBe(sink.taken.length)
        }
        expect(last.taken).toEqual(all)
        expect(last.counted).toBe(all.length)
        expect(inTurn.rows).toBe(sent)
      }
    )
  ))
