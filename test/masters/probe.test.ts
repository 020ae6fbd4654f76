import { expect, test } from 'vitest'
import { whyNot } from '../../src/masters/probe.js'

const GONE = 'the server does not know the connection any more'
const IDLE = 'the server has no statement under way on it'
const STUCK = 'what the server sends does not arrive'

test.each([
  ['runs a statement', { Command: 'Query', State: 'executing' }, null],
  ['runs a prepared statement', { Command: 'Execute', State: 'Sending data' }, null],
  ['waits for a lock', { Command: 'Query', State: 'Waiting for table metadata lock' }, null],
  ['is between two states', { Command: 'Query', State: null }, null],
  ['is not there', undefined, GONE],
  ['has nothing to do', { Command: 'Sleep', State: '' }, IDLE],
  ['was killed', { Command: 'Killed', State: 'executing' }, IDLE],
  ['sends, on MariaDB', { Command: 'Query', State: 'Writing to net' }, STUCK],
  ['sends, on MySQL', { Command: 'Execute', State: 'Sending to client' }, STUCK]
])('a thread that %s', (_, thread, why) => {
  expect(whyNot(thread)).toBe(why)
})
