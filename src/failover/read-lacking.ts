import type { Master } from '../masters/master.js'
import type { TransactionState } from '../masters/transaction-state.js'
import { MmauditError } from '../model/errors.js'
import { type GtidSet, hasGtid, uniteGtids } from '../model/gtid-set.js'
import { type Lacks, type Sides, type Subject, shareOut } from './lacking.js'
import { readShare } from './read-share.js'
import { type ReadTransactions, Tally } from './tally.js'
import { counted, gtidsText } from './words.js'
import type { ListenerSetting } from './write-listener.js'
import { MOST_ROWS, type Side } from './written-rows.js'

/** What a reading goes by. */
export interface LackingSetting {
  readonly masters: readonly Master[]
  readonly states: readonly TransactionState[]
  readonly subject: Subject
  readonly lacks: Lacks
  readonly sides: Sides
  readonly viewOf: ListenerSetting['viewOf']
}

/**
 * Reads the transactions that some master lacks, each in one binlog: first those that the others lack, then those that the
 * returned master has missed, of which only so many rows are held.
 *
 * @throws MmauditError `incomplete` when there are too many rows, or a binlog cannot be read.
 */
export async function readLacking(setting: LackingSetting): Promise<ReadTransactions> {
  const { states, subject, sides } = setting
  const tally = new Tally(({ gtid }) => gtid !== null && hasGtid(sides.unsent, gtid))
  await readAll(states, 'own', setting, tally)
  if (tally.findings.rows.leftOut) throw tooMany(subject)
  await readAll(
    states.filter(({ master }) => master !== subject.master),
    'others',
    setting,
    tally
  )
  return tally
}

async function readAll(
  states: readonly TransactionState[],
  side: Side,
  { masters, viewOf, lacks, sides }: LackingSetting,
  tally: Tally
): Promise<void> {
  const { shares, nowhere } = shareOut(states, sides[side])
  let lost = nowhere
  for (const share of shares) {
    const master = masters.find(({ name }) => name === share.holder)
    const files = states.find((state) => state.master === share.holder)?.files ?? []
    if (master === undefined) continue
    const gone = await readShare({ master, files }, share.wanted, {
      ...{ holder: share.holder, side, viewOf },
      // What is read elsewhere may stand in this binlog as well.
      lackedBy: ({ gtid }) => (gtid !== null && hasGtid(share.wanted, gtid) ? lackedBy(gtid, lacks) : []),
      findings: tally.findings,
      onTransaction: (transaction, by) => tally.add(share.holder, transaction, by)
    })
    lost = uniteGtids(lost, gone)
  }
  if (lost.size > 0) tellLost(lost, side, states, tally)
}

function lackedBy(gtid: string, lacks: Lacks): readonly string[] {
  return [...lacks].flatMap(([master, set]) => (hasGtid(set, gtid) ? [master] : []))
}

function tellLost(lost: GtidSet, side: Side, states: readonly TransactionState[], { findings }: Tally): void {
  const silent = states.filter(({ logsApplied }) => !logsApplied).map(({ master }) => master)
  const why = silent.length === 0 ? '' : ` (log_slave_updates is off on ${silent.join(', ')})`
  const which = gtidsText(states[0]?.vendor ?? 'mysql', lost)
  findings.addGap({ side, ref: null, text: `${which} cannot be read in any binlog that is left${why}` })
}

/** More rows than can be held. */
export function tooMany({ master, kind }: Subject): MmauditError {
  const whose = kind === 'lost' ? `that survivors of ${master} lack` : `of ${master} that others lack`
  return new MmauditError('incomplete', `the transactions ${whose} change more than ${counted(MOST_ROWS, 'row')}`, {
    hint: 'so many are not compared row by row: run mmaudit diff on their tables'
  })
}
