import { expect, it } from 'vitest'
import { type LabStatus, statusLines } from '../../src/lab/index.js'

const STATUS: LabStatus = {
  dir: '/lab',
  status: 'running',
  linked: true,
  database: 'retail_db',
  rows: 100,
  divergences: { missing: 2, conflict: 1 },
  masters: [
    {
      name: 'a',
      address: '127.0.0.1:3307',
      vendor: 'mariadb',
      pid: 4711,
      problem: null,
      answer: {
        serverVersion: '10.11.19',
        serverId: 1,
        lane: { increment: 2, offset: 1 },
        position: '1-1-5',
        replication: {
          source: '127.0.0.1:3308',
          sourceName: 'b',
          receiving: true,
          connected: true,
          applying: false,
          errno: 1062,
          error: 'Duplicate entry',
          lag: null
        }
      }
    },
    { name: 'b', address: '127.0.0.1:3308', vendor: 'mariadb', pid: null, answer: null, problem: 'refused' }
  ]
}

it('tells a person how a lab is doing', () => {
  expect(statusLines(STATUS)).toEqual([
    'lab in /lab: 2 masters, replicating in a ring',
    'retail_db, seeded with 100 orders; made to differ: 2 missing, 1 conflict',
    'a  127.0.0.1:3307  mariadb 10.11.19  process 4711',
    '   server_id 1, lane 1 of 2 (ids 1, 3, 5, …)',
    '   master, replica of b: NOT RUNNING: 1062 Duplicate entry',
    '   position 1-1-5',
    'b  127.0.0.1:3308  mariadb  DOWN: refused'
  ])
})
