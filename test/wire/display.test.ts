import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { display, type WireColumn } from '../../src/wire/display.js'
import { ColumnType } from '../../src/wire/protocol.js'
import { column, textColumn } from '../support/columns.js'

const STRING = 0xfd

function wire(type: number, other: Partial<WireColumn> = {}): WireColumn {
  return { type, unsigned: false, zerofill: false, displayLength: 11, decimals: 0, ...other }
}

function number(type: number, bytes: Buffer, other: Partial<WireColumn> = {}) {
  return display(column('n'), wire(type, other), bytes)
}

/** The bytes of a DATE, DATETIME or TIMESTAMP, as long as they are given. */
function moment(year: number, ...rest: readonly number[]): Buffer {
  const [month = 0, day = 0, hour, minute = 0, second = 0, micros] = rest
  return Buffer.concat([
    uint(year, 2),
    Buffer.of(month, day),
    hour === undefined ? Buffer.alloc(0) : Buffer.of(hour, minute, second),
    micros === undefined ? Buffer.alloc(0) : uint(micros, 4)
  ])
}

/** The bytes of a TIME that is not zero. */
function span(negative: boolean, days: number, hour: number, minute: number, second: number, micros?: number): Buffer {
  return Buffer.concat([
    Buffer.of(negative ? 1 : 0),
    uint(days, 4),
    Buffer.of(hour, minute, second),
    micros === undefined ? Buffer.alloc(0) : uint(micros, 4)
  ])
}

function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntLE(value, 0, bytes)
  return buffer
}

test('NULL is null, whatever the type', () => {
  for (const type of [...Object.values(ColumnType), STRING]) expect(display(column('x'), wire(type), null)).toBeNull()
})

describe('integers', () => {
  test.each([
    ['TINYINT', ColumnType.tiny, 1, '-128', '127', '255'],
    ['SMALLINT', ColumnType.short, 2, '-32768', '32767', '65535'],
    ['INT', ColumnType.long, 4, '-2147483648', '2147483647', '4294967295'],
    ['BIGINT', ColumnType.longlong, 8, '-9223372036854775808', '9223372036854775807', '18446744073709551615']
  ])('%s is printed to its limits', (_, type, bytes, least, most, unsignedMost) => {
    const lowest = Buffer.alloc(bytes)
    lowest[bytes - 1] = 0x80
    const highest = Buffer.alloc(bytes, 0xff)
    highest[bytes - 1] = 0x7f
    expect(number(type, lowest)).toBe(least)
    expect(number(type, highest)).toBe(most)
    expect(number(type, Buffer.alloc(bytes, 0xff), { unsigned: true })).toBe(unsignedMost)
  })

  test('MEDIUMINT arrives in four bytes', () => {
    const lowest = Buffer.alloc(4)
    lowest.writeInt32LE(-8_388_608)
    expect(number(ColumnType.int24, lowest)).toBe('-8388608')
    expect(number(ColumnType.int24, uint(16_777_215, 4), { unsigned: true })).toBe('16777215')
  })

  test('are filled with zeros where the column says so, and never cut', () => {
    const zerofill = { unsigned: true, zerofill: true, displayLength: 5 }
    expect(number(ColumnType.long, uint(42, 4), zerofill)).toBe('00042')
    expect(number(ColumnType.long, uint(1_234_567, 4), zerofill)).toBe('1234567')
  })

  test('YEAR has four digits, zero too', () => {
    expect(number(ColumnType.year, uint(0, 2))).toBe('0000')
    expect(number(ColumnType.year, uint(1901, 2))).toBe('1901')
    expect(number(ColumnType.year, uint(2155, 2))).toBe('2155')
  })
})

describe('FLOAT', () => {
  const printed = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value)
    return String(number(ColumnType.float, bytes))
  }

  test('prints digits that read back to the same number, the sign of zero too', () =>
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Object.is(Math.fround(Number(printed(value))), value)).toBe(true)
      })
    ))

  test('prints neighbours apart', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7f7f_fffe }), (bits) => {
        const bytes = uint(bits, 4)
        const next = uint(bits + 1, 4)
        expect(number(ColumnType.float, bytes)).not.toBe(number(ColumnType.float, next))
      })
    ))

  test('prints 16777216 and 16777218 apart, which the server does not', () => {
    expect(printed(16_777_216)).toBe('16777216')
    expect(printed(16_777_218)).toBe('16777218')
  })

  test.each([
    [0, '0'],
    [-0, '-0'],
    [0.1, '0.1'],
    [-1.5, '-1.5'],
    [1e10, '10000000000'],
    [1e30, '1e30'],
    [1e-10, '1e-10'],
    [3.402_823_466_385_288_6e38, '3.4028235e38'],
    [1e-45, '1.4013e-45']
  ])('prints %d in few digits', (value, expected) => {
    expect(printed(value)).toBe(expected)
  })
})

describe('DOUBLE', () => {
  const printed = (value: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    return String(number(ColumnType.double, bytes))
  }

  test('prints digits that read back to the same number, the sign of zero too', () =>
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Object.is(Number(printed(value)), value)).toBe(true)
      })
    ))

  test.each([
    [-0, '-0'],
    [0.1, '0.1'],
    [1e21, '1e21'],
    [-1.5e300, '-1.5e300'],
    [1e-7, '1e-7']
  ])('prints %d as the server does', (value, expected) => {
    expect(printed(value)).toBe(expected)
  })
})

describe('DATE', () => {
  test.each([
    ['a day', moment(2024, 2, 29), '2024-02-29'],
    ['the zero date', Buffer.alloc(0), '0000-00-00'],
    ['a month without a day', moment(2024, 5, 0), '2024-05-00'],
    ['an early year', moment(7, 1, 2), '0007-01-02']
  ])('prints %s', (_, bytes, expected) => {
    expect(display(column('d', { dataType: 'date' }), wire(ColumnType.date), bytes)).toBe(expected)
  })
})

describe.each([
  ['DATETIME', ColumnType.datetime],
  ['TIMESTAMP', ColumnType.timestamp]
])('%s', (_, type) => {
  test.each([
    ['a time of day', moment(2024, 2, 29, 13, 5, 9), 0, '2024-02-29 13:05:09'],
    ['midnight, which the server leaves out', moment(2024, 2, 29), 0, '2024-02-29 00:00:00'],
    ['midnight with fraction digits', moment(2024, 2, 29), 3, '2024-02-29 00:00:00.000'],
    ['the zero date', Buffer.alloc(0), 0, '0000-00-00 00:00:00'],
    ['the zero date with fraction digits', Buffer.alloc(0), 6, '0000-00-00 00:00:00.000000'],
    ['microseconds', moment(2024, 2, 29, 13, 5, 9, 45), 6, '2024-02-29 13:05:09.000045'],
    ['as many fraction digits as the column has', moment(2024, 2, 29, 13, 5, 9, 120_000), 2, '2024-02-29 13:05:09.12'],
    ['a fraction of zero, which the server leaves out', moment(2024, 2, 29, 13, 5, 9), 1, '2024-02-29 13:05:09.0']
  ])('prints %s', (_, bytes, decimals, expected) => {
    expect(display(column('t'), wire(type, { decimals }), bytes)).toBe(expected)
  })
})

describe('TIME', () => {
  test.each([
    ['a time of day', span(false, 0, 13, 5, 9), 0, '13:05:09'],
    ['zero', Buffer.alloc(0), 0, '00:00:00'],
    ['zero with fraction digits', Buffer.alloc(0), 2, '00:00:00.00'],
    ['more than a day back', span(true, 34, 22, 59, 59), 0, '-838:59:59'],
    ['more than a day', span(false, 4, 4, 0, 0), 0, '100:00:00'],
    ['less than a second back', span(true, 0, 0, 0, 0, 500_000), 1, '-00:00:00.5'],
    ['microseconds', span(false, 1, 0, 0, 1, 7), 6, '24:00:01.000007'],
    ['a fraction of zero, which the server leaves out', span(false, 0, 1, 2, 3), 6, '01:02:03.000000']
  ])('prints %s', (_, bytes, decimals, expected) => {
    expect(display(column('t'), wire(ColumnType.time, { decimals }), bytes)).toBe(expected)
  })
})

describe('text', () => {
  const printed = (charset: string, bytes: Buffer) => display(textColumn('s', { charset }), wire(STRING), bytes)

  test.each([
    ['utf8mb4', Buffer.from('Grüße 🎉'), 'Grüße 🎉'],
    ['utf8mb3', Buffer.from('Grüße'), 'Grüße'],
    ['ascii', Buffer.from('plain'), 'plain'],
    ['latin1', Buffer.of(0x47, 0x72, 0xfc, 0xdf), 'Grüß'],
    ['utf16', Buffer.of(0x00, 0x41, 0xd8, 0x3c, 0xdf, 0x89), 'A🎉'],
    ['ucs2', Buffer.of(0x00, 0x6d, 0x20, 0xac), 'm€'],
    ['utf16le', Buffer.from('Añ', 'utf16le'), 'Añ'],
    ['gbk', Buffer.of(0xc4, 0xe3, 0xba, 0xc3), '你好'],
    ['cp1251', Buffer.of(0xcf, 0xf0), 'Пр']
  ])('in %s is decoded', (charset, bytes, expected) => {
    expect(printed(charset, bytes)).toBe(expected)
  })

  /** MySQL's "cp1252 West European", which it calls latin1: these differ from ISO 8859-1; its five gaps are themselves. */
  const WINDOWS_1252: Readonly<Record<number, number>> = {
    128: 0x20ac,
    130: 0x201a,
    131: 0x0192,
    132: 0x201e,
    133: 0x2026,
    134: 0x2020,
    135: 0x2021,
    136: 0x02c6,
    137: 0x2030,
    138: 0x0160,
    139: 0x2039,
    140: 0x0152,
    142: 0x017d,
    145: 0x2018,
    146: 0x2019,
    147: 0x201c,
    148: 0x201d,
    149: 0x2022,
    150: 0x2013,
    151: 0x2014,
    152: 0x02dc,
    153: 0x2122,
    154: 0x0161,
    155: 0x203a,
    156: 0x0153,
    158: 0x017e,
    159: 0x0178
  }

  test('in latin1 is that of the server, which is Windows-1252, in every byte', () => {
    const all = Array.from({ length: 256 }, (_, byte) => byte)
    const expected = String.fromCodePoint(...all.map((byte) => WINDOWS_1252[byte] ?? byte))
    expect(printed('latin1', Buffer.from(all))).toBe(expected)
  })

  const codePoint = fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))

  test('keeps everything that is in it', () =>
    fc.assert(
      fc.property(fc.array(codePoint), (codePoints) => {
        const value = String.fromCodePoint(...codePoints)
        expect(printed('utf8mb4', Buffer.from(value))).toBe(value)
      })
    ))

  test('keeps a byte order mark', () => {
    expect(printed('utf8mb4', Buffer.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\uFEFFa')
  })

  test.each([
    ['utf8mb4', Buffer.of(0x61, 0xff), '61ff'],
    ['utf8mb4', Buffer.of(0xed, 0xa0, 0x80), 'eda080'],
    ['utf16', Buffer.of(0xd8, 0x3c), 'd83c'],
    ['ucs2', Buffer.of(0x6d), '6d'],
    ['utf32', Buffer.of(0, 0, 0, 0x61), '00000061']
  ])('that cannot be read in %s is hexadecimal', (charset, bytes, hex) => {
    expect(printed(charset, bytes)).toEqual({ hex })
  })

  test('may be empty', () => {
    expect(printed('latin1', Buffer.alloc(0))).toBe('')
  })

  test.each(['json', 'uuid', 'inet6'])('of type %s needs no character set', (dataType) => {
    expect(display(column('j', { dataType }), wire(STRING), Buffer.from('"ü"'))).toBe('"ü"')
  })

  test('of a DECIMAL stays as the server prints it', () => {
    const decimal = column('d', { dataType: 'decimal', scale: 2 })
    expect(display(decimal, wire(ColumnType.newdecimal), Buffer.from('-0.50'))).toBe('-0.50')
  })
})

test.each(['blob', 'varbinary', 'bit', 'geometry'])('%s is hexadecimal, even where it looks like text', (dataType) => {
  expect(display(column('b', { dataType }), wire(STRING), Buffer.from('abc'))).toEqual({ hex: '616263' })
})
