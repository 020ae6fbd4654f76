import type { Lane } from '../../audit/classify.js'
import type { Master } from '../../masters/master.js'
import { tableName } from '../../model/table.js'
import type { TablePlans } from '../plan/repair-table.js'
import { readClocks } from './clocks.js'
import type { Deciding } from './decide.js'
import { ServerJudge } from './server-judge.js'

/** What decisions about these tables go by, whatever the rules. */
export function decidingFor(masters: readonly Master[], tables: TablePlans): Omit<Deciding, 'rules' | 'overrideOf'> {
  return {
    lanes: decidingLanes(masters),
    columnsOf: (ref) => {
      const plan = tables.get(tableName(ref))
      return plan === undefined || 'refused' in plan ? [] : plan.table.reading.tableColumns
    },
    judge: new ServerJudge(masters),
    clocks: () => readClocks(masters)
  }
}

/** The auto-increment lanes of all masters. */
export function decidingLanes(masters: readonly Master[]): readonly Lane[] {
  return masters.map((master) => ({ master: master.name, ...master.lane }))
}
