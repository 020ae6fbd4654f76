import { expect, test } from 'vitest'
import { readGtidList, readPreviousGtids } from '../../../src/wire/binlog/gtids.js'

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562'

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

test('MySQL: intervals do not hold their ends', () => {
  const uuid = Buffer.from(UUID.replaceAll('-', ''), 'hex')
  const gtids = readPreviousGtids(Buffer.concat([numbers(1n), uuid, numbers(2n, 1n, 5n, 8n, 9n)]))
  const held = ['1', '4', '5', '7', '8', '9'].filter((number) => gtids.has(`${UUID}:${number}`))
  expect(held).toEqual(['1', '4', '8'])
  expect(gtids.none).toBe(false)
  expect(gtids.has('3e11fa47-71ca-11e1-9e33-c80aa9429563:1')).toBe(false)
})

test('MySQL: an empty set holds nothing, and of tagged GTIDs nothing is sure', () => {
  expect(readPreviousGtids(numbers(0n))).toMatchObject({ none: true })
  const tagged = readPreviousGtids(Buffer.from([1, 0, 0, 0, 0, 0, 0, 1]))
  expect(tagged.none).toBe(false)
  expect(tagged.has(`${UUID}:1`)).toBe(true)
})

test('MariaDB: the last number of a server in a domain stands for all before it', () => {
  const gtids = readGtidList(numbers(2, 0, 1, 42n, 7, 2, 3n))
  expect(gtids.has('0-1-42')).toBe(true)
  expect(gtids.has('0-1-43')).toBe(false)
  expect(gtids.has('7-2-3')).toBe(true)
  expect(gtids.has('0-2-1')).toBe(false)
  expect(readGtidList(numbers(0)).none).toBe(true)
})
