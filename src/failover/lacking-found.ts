import type { Master } from '../masters/master.js'
import type { TransactionState } from '../masters/transaction-state.js'
import type { AuditConfig } from '../model/config.js'
import type { Mend } from '../model/doctor.js'
import type { FailoverReport } from '../model/failover.js'
import type { Subject } from './lacking.js'
import type { ReadTransactions } from './tally.js'
import type { ListenerSetting } from './write-listener.js'

/** What is looked for, and where. */
export interface Search {
  readonly masters: readonly Master[]
  readonly states: readonly TransactionState[]
  readonly subject: Subject
  readonly audit: AuditConfig
  readonly viewOf: ListenerSetting['viewOf']
  readonly signal: AbortSignal | undefined
}

/** The transactions that some masters have and others lack, however they were told apart. */
export interface LackingFound {
  readonly by: FailoverReport['by']
  /** After what was on its way has arrived. */
  readonly states: readonly TransactionState[]
  readonly read: ReadTransactions
  /** By the master that lacks them, in words. */
  readonly which: ReadonlyMap<string, Which>
  /** What cannot be told of them. */
  readonly gaps: readonly string[]
  /** Statements that step over those that a master lacks of the returned one. */
  readonly stepOver: readonly Mend[]
}

/** Transactions in the words of their server. */
export interface Which {
  readonly all: string
  /** Those that only the returned master has; empty when there are none. */
  readonly unsent: string
}
