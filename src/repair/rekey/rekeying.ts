import type { Master } from '../../masters/master.js'
import type { AuditConfig } from '../../model/config.js'
import type { Key } from '../../model/range.js'
import type { RepairConfig } from '../../model/repair.js'
import type { TableRef } from '../../model/table.js'
import type { JournalChange } from '../apply/journal-records.js'
import type { Written } from '../plan/plan-rows.js'
import type { ReadEvidence } from './writers.js'

/** An id that was reserved for a row. */
export interface ReservedId extends TableRef {
  readonly id: string
  readonly column: string
  /** The id that the row had. */
  readonly from: string
  /** Where the row stood. */
  readonly key: Key
  /** The master on which it was born, which gave out the id. */
  readonly master: string
  /** The master whose row keeps the key. */
  readonly keeper: string
}

/** What giving rows new keys takes, beside what every repair does. */
export interface Rekeying {
  /** Changes of earlier runs on the same journal, in their order. */
  readonly earlier: readonly JournalChange[]
  /** Ids that such runs have reserved, and that are not in use on all masters. */
  readonly reserved: readonly ReservedId[]
  /** Those of them that are in use on some. */
  readonly begun: readonly ReservedId[]
  /** Writes reserved ids down before they are used; `null` for a plan that is only shown, whose ids are foreseen. */
  readonly noteReserved: ((ids: readonly ReservedId[]) => Promise<void>) | null
  /** `null` when the binlogs are not to be read. */
  readonly readEvidence: ReadEvidence | null
}

/** What families are planned from. */
export interface FamilyRequest {
  readonly masters: readonly Master[]
  readonly audit: AuditConfig
  readonly repair: RepairConfig
  readonly written: Written
  readonly rekeying: Rekeying
}
