import type { Reception } from '../../src/masters/reception.js'
import type { TransactionState } from '../../src/masters/transaction-state.js'
import { NO_GTIDS, parseGtidSet } from '../../src/model/gtid-set.js'

/** A MySQL server `a`, `b`, … of uuid `aa`, `bb`, …, with these transactions. */
export function state(master: string, has: string, more: Partial<TransactionState> = {}): TransactionState {
  return {
    ...{ master, vendor: 'mysql', source: `${master}${master}`, serverId: master.charCodeAt(0) - 96, numbered: true },
    ...{ has: parseGtidSet(has), pending: NO_GTIDS, purged: NO_GTIDS, lastApplied: [], slavePosition: [] },
    ...{
      logsApplied: true,
      files: ['binlog.000001'],
      end: null,
      strict: false,
      cluster: null,
      readOnly: false,
      channels: []
    },
    ...more
  }
}

/** A channel from the server with this id that stands still. */
export function channel(sourceServerId: number, more: Partial<Reception> = {}): Reception {
  const applied = { file: 'binlog.000001', offset: 100 }
  return {
    ...{ name: '', sourceServerId, sourceHost: 'h', sourcePort: 3306, sourceUuid: null, delay: 0, secondsBehind: null },
    ...{ receiver: 'stopped', applierRunning: true, error: null, downtime: null, byFile: false, isIdle: true },
    ...{ applied, received: applied, receivedGtids: '' },
    ...more
  }
}
