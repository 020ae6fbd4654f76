import { describe, expect, test } from 'vitest'
import { Grants, mayDo } from '../../src/masters/grants.js'

const orders = { database: 'shop_db', table: 'orders' }

describe('a privilege on a table', () => {
  test.each([
    ['of the whole server', ['GRANT SELECT, TRIGGER ON *.* TO `u`@`%`'], true],
    ['of the whole server, with all others', ['GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION'], true],
    ['of the database', ['GRANT USAGE ON *.* TO `u`@`%`', 'GRANT TRIGGER ON `shop_db`.* TO `u`@`%`'], true],
    ['of databases of a pattern', ['GRANT TRIGGER ON `shop\\_%`.* TO `u`@`%`'], true],
    ['of another database', ['GRANT TRIGGER ON `shopxdb`.* TO `u`@`%`'], false],
    ['of a pattern that is escaped', ['GRANT TRIGGER ON `sh\\%`.* TO `u`@`%`'], false],
    ['of the table', ['GRANT SELECT, TRIGGER ON `shop_db`.`orders` TO `u`@`%`'], true],
    ['of another table', ['GRANT TRIGGER ON `shop_db`.`items` TO `u`@`%`'], false],
    ['of a role that is in force', ['GRANT `r` TO `u`@`%`', 'GRANT TRIGGER ON *.* TO `r`'], true],
    ['of a role that is not', ['GRANT `TRIGGER` TO `u`@`%`', 'GRANT USAGE ON *.* TO `u`@`%`'], false],
    ['beside columns', ['GRANT SELECT (`id`, `a),TRIGGER`), TRIGGER ON `shop_db`.`orders` TO `u`@`%`'], true],
    ['only in the name of a column', ['GRANT SELECT (`id`, `a),TRIGGER`) ON `shop_db`.`orders` TO `u`@`%`'], false],
    ['taken back', ['GRANT TRIGGER ON *.* TO `u`@`%`', 'REVOKE TRIGGER ON `shop_db`.* FROM `u`@`%`'], false],
    ['as a proxy', ["GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION"], false],
    ['on a routine', ['GRANT EXECUTE ON PROCEDURE `shop_db`.`orders` TO `u`@`%`'], false]
  ])('%s', (_, lines, has) => {
    expect(new Grants(lines).covers('TRIGGER', orders)).toBe(has)
  })
})

describe('every table is seen', () => {
  test.each([
    ['with SELECT on all', ['GRANT SELECT, PROCESS ON *.* TO `u`@`%`'], true],
    ['with all on all', ['GRANT ALL PRIVILEGES ON *.* TO `u`@`%`'], true],
    [
      'not with one database',
      ['GRANT USAGE ON *.* TO `u`@`%`', 'GRANT ALL PRIVILEGES ON `shop_db`.* TO `u`@`%`'],
      false
    ],
    ['not with what shows no table', ['GRANT PROCESS, REPLICATION CLIENT ON *.* TO `u`@`%`'], false],
    [
      'not where a part was taken back',
      ['GRANT SELECT ON *.* TO `u`@`%`', 'REVOKE SELECT ON `x`.* FROM `u`@`%`'],
      false
    ]
  ])('%s', (_, lines, sees) => {
    expect(new Grants(lines).seesEveryTable()).toBe(sees)
  })
})

describe('a privilege of the whole server', () => {
  const stepOver = { name: 'SESSION_VARIABLES_ADMIN', includedIn: ['SUPER'] }

  test.each([
    ['by its name', ['GRANT SESSION_VARIABLES_ADMIN ON *.* TO `u`@`%`'], true],
    ['by one that includes it', ['GRANT SELECT, SUPER ON *.* TO `u`@`%`'], true],
    ['with all others', ['GRANT ALL PRIVILEGES ON *.* TO `u`@`%`'], true],
    ['of a database', ['GRANT ALL PRIVILEGES ON `shop_db`.* TO `u`@`%`'], false],
    ['not at all', ['GRANT SELECT ON *.* TO `u`@`%`'], false]
  ])('%s', (_, lines, may) => {
    expect(mayDo(new Grants(lines), stepOver)).toBe(may)
  })
})
