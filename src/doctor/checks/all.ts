import type { Finding } from '../../model/doctor.js'
import { groupBy } from '../../model/group-by.js'
import type { MasterFacts } from '../facts.js'
import type { Check, DoctorLimits } from '../finding.js'
import { checkAccounts } from './accounts.js'
import { checkAlike } from './alike.js'
import { checkAppliers } from './appliers.js'
import { checkBinlog } from './binlog.js'
import { checkEncryption } from './channels-encrypted.js'
import { checkClusters } from './clusters.js'
import { checkErrant } from './errant.js'
import { checkFilters } from './filters.js'
import { checkGtid } from './gtid.js'
import { checkIdentity } from './identity.js'
import { checkIds } from './ids.js'
import { checkLanes } from './lanes.js'
import { checkReplicas } from './replicas.js'
import { checkSkipping } from './skipping.js'
import { checkTables } from './tables.js'
import { checkUnreadable } from './unreadable.js'
import { checkWritable } from './writable.js'

/** In the order in which findings of one severity are told, and their statements run: no applier is started before its counter is put back. */
const CHECKS: readonly Check[] = [
  checkSkipping,
  checkAppliers,
  checkIdentity,
  checkLanes,
  checkIds,
  checkFilters,
  checkGtid,
  checkErrant,
  checkBinlog,
  checkAlike,
  checkWritable,
  checkTables,
  checkClusters,
  checkReplicas,
  checkEncryption,
  checkAccounts,
  checkUnreadable
]

/** Everything that the checks find, in the order of the checks; what is the same on several masters is told once. */
export function findAll(masters: readonly MasterFacts[], limits: DoctorLimits): readonly Finding[] {
  const found = CHECKS.flatMap((check) => check(masters, limits))
  const alike = groupBy(found, ({ masters: _, mend: __, ...words }) => JSON.stringify(words))
  return [...alike.values()].flatMap((own) => {
    const [first] = own
    if (first === undefined) return []
    const names = new Set(own.flatMap((each) => each.masters))
    return { ...first, masters: [...names], mend: own.flatMap(({ mend }) => mend) }
  })
}
