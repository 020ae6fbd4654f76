import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FirstRows } from '../../src/audit/first-rows.js'
import { RowShape } from '../../src/audit/row-shape.js'
import { rowByRow } from '../../src/masters/row-framer.js'
import { ColumnType } from '../../src/wire/protocol.js'
import { auditTable, column } from '../support/columns.js'
import { int, rowPacket } from '../support/row-packet.js'

const ID = column('id')
const SHAPE = new RowShape(auditTable([ID], { keyColumns: [ID], tableColumns: [ID] }), [
  { name: 'id', type: ColumnType.long, unsigned: false, zerofill: false, displayLength: 11, decimals: 0 }
])

function withHeader(packet: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(packet.length, 0, 3)
  return Buffer.concat([header, packet])
}

/** What of some rows is passed on, which arrive in blocks of so many; a block of none stands for a single large row. */
function passed(blocks: readonly number[], wanted: number) {
  const taken: string[] = []
  let counted = 0
  const rows = rowByRow((buffer, _start, end) => taken.push(String(buffer.readInt32LE(end - 4))))
  const first = new FirstRows(
    {
      block(buffer, start, end, count) {
        counted += count
        rows.block(buffer, start, end, count)
      },
      large(row) {
        counted++
        rows.large(row)
      }
    },
    SHAPE,
    wanted
  )
  let id = 0
  for (const count of blocks) {
    const packets = Array.from({ length: Math.max(1, count) }, () => rowPacket([int(id++)]))
    if (count === 0) first.large(packets[0] ?? Buffer.alloc(0))
    else {
      const block = Buffer.concat([Buffer.from('before'), ...packets.map(withHeader), Buffer.from('behind')])
      first.block(block, 'before'.length, block.length - 'behind'.length, count)
    }
  }
  return { taken, counted, next: first.next, wanted: first.wanted, sent: id }
}

test('passes the first rows on, however they arrive, and tells the key of the next', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 })), fc.integer({ min: 1, max: 20 }), (blocks, wanted) => {
      const { taken, counted, next, wanted: left, sent } = passed(blocks, wanted)
      expect(taken).toEqual(Array.from({ length: Math.min(sent, wanted) }, (_, id) => String(id)))
      expect(counted).toBe(taken.length)
      expect(next).toEqual(sent > wanted ? [String(wanted)] : null)
      expect(left).toBe(sent > wanted ? 0 : wanted + 1 - sent)
    })
  ))
