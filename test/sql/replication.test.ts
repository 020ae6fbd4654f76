import { expect, test } from 'vitest'
import { changeSource, startChannel, stopChannel } from '../../src/sql/replication.js'

const MARIADB = { vendor: 'mariadb', replica: 'SLAVE' } as const
const MYSQL = { vendor: 'mysql', replica: 'REPLICA' } as const
const OLD_MYSQL = { vendor: 'mysql', replica: 'SLAVE' } as const

test('channels are started and stopped in the words of the server', () => {
  expect(startChannel(MARIADB, '')).toBe('START SLAVE')
  expect(startChannel(MARIADB, "it's", 'applier')).toBe("START SLAVE 'it''s' SQL_THREAD")
  expect(stopChannel(MYSQL, '', 'receiver')).toBe('STOP REPLICA IO_THREAD')
  expect(stopChannel(MYSQL, 'c', 'applier')).toBe("STOP REPLICA SQL_THREAD FOR CHANNEL 'c'")
  expect(startChannel(OLD_MYSQL, '')).toBe('START SLAVE')
})

test('sources are changed in the words of the server', () => {
  expect(changeSource(MARIADB, '', 'by-gtid')).toBe('CHANGE MASTER TO MASTER_USE_GTID = slave_pos')
  expect(changeSource(MARIADB, 'c', 'no-delay')).toBe("CHANGE MASTER 'c' TO MASTER_DELAY = 0")
  expect(changeSource(MYSQL, 'c', 'encrypted')).toBe("CHANGE REPLICATION SOURCE TO SOURCE_SSL = 1 FOR CHANNEL 'c'")
  expect(changeSource(OLD_MYSQL, '', 'by-gtid')).toBe('CHANGE MASTER TO MASTER_AUTO_POSITION = 1')
})
