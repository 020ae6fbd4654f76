import { describe, expect, test } from 'vitest'
import type { MasterScript, Step } from '../../src/model/repair.js'
import { exactLiteral } from '../../src/sql/exact-literal.js'
import { onOneLine, scriptLines } from '../../src/sql/repair-script.js'
import { column, textColumn } from '../support/columns.js'
import { step, writable, writableTable } from '../support/writable.js'

const ABOUT = { runId: '2024-01-01-abc', tool: 'mmaudit 0.1.0', server: '10.0.0.1:3306' }
const TABLE = writableTable([writable(column('id')), writable(textColumn('name'))])

function script(steps: readonly Step[], other: Partial<MasterScript> = {}): MasterScript {
  return { master: 'a', settings: ['SET sql_log_bin = 0', 'SET NAMES utf8mb4'], steps, replicas: [], ...other }
}

function linesOf(steps: readonly Step[], other: Partial<MasterScript> = {}): readonly string[] {
  return [...scriptLines(script(steps, other), ABOUT)]
}

function inserts(count: number): readonly Step[] {
  return Array.from({ length: count }, (_, at) => step(TABLE, null, { id: String(at), name: "'x'" }, { id: at + 1 }))
}

describe('a script', () => {
  test('has, for each step, why, the statement, its count, and a word for a stale row', () => {
    const lines = linesOf(inserts(1))
    const start = lines.indexOf('START TRANSACTION;')
    expect(lines.slice(start + 1, start + 6)).toEqual([
      '-- 1: shop.items id = 0: missing, rule 1, winner b',
      "INSERT INTO `shop`.`items` (`id`, `name`) SELECT 0, 'x' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `shop`.`items` WHERE `id` = 0);",
      'SET @mmaudit_rows = ROW_COUNT(), @mmaudit_made = @mmaudit_made + (ROW_COUNT() = 1);',
      "SELECT 'shop.items id = 0' AS stale FROM DUAL WHERE @mmaudit_rows <> 1;",
      'COMMIT;'
    ])
  })

  test('sets the session up before anything else, and stops unless it is local', () => {
    const statements = linesOf(inserts(1)).filter((line) => !/^(--|$)/.test(line))
    expect(statements.slice(0, 2)).toEqual(['SET sql_log_bin = 0;', 'SET NAMES utf8mb4;'])
    expect(statements[2]).toContain('IF(@@SESSION.sql_log_bin = 0, ')
  })

  test('stops unless all of a family was written, or nothing of it', () => {
    const lines = linesOf(
      inserts(2).map((each) => ({ ...each, change: { ...each.change, family: "shop.items (id = '7')" } }))
    )
    const [start, end] = [lines.indexOf('START TRANSACTION;'), lines.indexOf('COMMIT;')]
    expect(lines[start + 1]).toBe('SET @mmaudit_family = @mmaudit_made;')
    expect(lines[end - 1]).toBe(
      'SET SESSION sql_mode = IF(@mmaudit_made - @mmaudit_family IN (0, 2), @@SESSION.sql_mode, ' +
        "'stopped: not all of shop.items (id = ''7'') with what points to it is as it was');"
    )
  })

  test('tells who will not see the writes', () => {
    const replicas = [
      { serverId: 7, host: 'r1', port: 3306 },
      { serverId: 8, host: '', port: 0 }
    ]
    const text = linesOf(inserts(1), { replicas }).join('\n')
    expect(text).toContain('-- No other server sees these writes')
    expect(text).toContain('--   r1:3306 (server id 7)\n--   server id 8\n')
  })

  test('that is logged says so, and is not stopped', () => {
    const text = linesOf(inserts(1), { settings: ['SET NAMES utf8mb4'] }).join('\n')
    expect(text).toContain('-- These writes are logged')
    expect(text).not.toContain('sql_log_bin')
  })

  test('says which flag a long statement needs', () => {
    const long = step(TABLE, null, { id: '1', name: `'${'x'.repeat(17 * 1024 ** 2)}'` })
    expect(linesOf([long])[2]).toContain('mysql --max-allowed-packet=1G ')
    expect(linesOf(inserts(1))[2]).not.toContain('packet')
  })

  test('stays one line a statement, whatever names and values hold', () => {
    const hostile = "'; DROP TABLE x; -- */ `\nDELIMITER //\r\n\\! rm\u2028\u0085\0"
    const name = writable(textColumn(hostile))
    const table = writableTable([name], { ref: { database: 'a\nb', table: hostile } })
    const image = { [hostile]: exactLiteral(name.form, hostile) }
    const lines = linesOf([step(table, null, image, { why: `rule ${hostile}` })], { master: 'm\nx' })
    const outsideNames = lines.map((line) => line.replaceAll(/`(?:[^`]|``)*`/g, '')).join('\n')
    expect(
      outsideNames.split('\n').filter((line) => !/^(-- .*|--|(SET|SELECT|INSERT|START|COMMIT).*;|)$/.test(line))
    ).toEqual([])
    expect(lines.find((line) => line.startsWith('SELECT '))).not.toContain('\\')
  })
})

test('words of a comment stay on one line', () => {
  expect(onOneLine('a\nb\r\u2028c\\d\u0000é')).toBe('a?b??c?d?é')
})
