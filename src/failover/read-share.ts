import { fileBefore, readEvents } from '../masters/binlog/files.js'
import type { Master } from '../masters/master.js'
import type { FilePosition } from '../masters/position.js'
import { isMissingPrivilege } from '../masters/server-errors.js'
import { MmauditError, messageOf } from '../model/errors.js'
import { commonGtids, type GtidSet } from '../model/gtid-set.js'
import { BinlogDecoder, DEAF } from '../wire/binlog/decoder.js'
import { ANY_GTID, type EarlierGtids } from '../wire/binlog/gtids.js'
import type { Transaction } from '../wire/binlog/transaction.js'
import { SeenGtids } from './seen-gtids.js'
import { type ListenerSetting, WriteListener } from './write-listener.js'

/** A master whose binlog is read, and its files, the oldest first. */
export interface Source {
  readonly master: Master
  readonly files: readonly string[]
}

/**
 * Reads wanted transactions from a master's binlog, from the last file on before which there are none of them, until all were
 * seen.
 *
 * @returns those that are not there any more.
 * @throws MmauditError `incomplete` when the binlog cannot be read.
 */
export async function readShare(
  { master, files }: Source,
  wanted: GtidSet,
  setting: ListenerSetting
): Promise<GtidSet> {
  const seen = new SeenGtids(master.info.vendor, wanted)
  const onTransaction = (transaction: Transaction, lackedBy: readonly string[]) => {
    if (transaction.gtid !== null) seen.add(transaction.gtid)
    setting.onTransaction(transaction, lackedBy)
  }
  const listener = new WriteListener({ ...setting, onTransaction })
  return explained(master, async () => {
    const holdsBefore = async (file: string) => (overlaps(await readEarlier(master, file), wanted) ? 1 : 0)
    const file = await fileBefore(files, 0, holdsBefore)
    if (file === null) return wanted
    // The transaction that is read when all were seen has to be read to its end.
    await decode(master, { file, offset: 0 }, listener, () => seen.isDone)
    return seen.lacking
  })
}

/** Reads all transactions from a position on. @throws MmauditError `incomplete` when the binlog cannot be read. */
export function readFrom(master: Master, from: FilePosition, setting: ListenerSetting): Promise<void> {
  return explained(master, () => decode(master, from, new WriteListener(setting), () => false))
}

/** The transactions before a file, as its beginning tells. */
export async function readEarlier(master: Master, file: string): Promise<EarlierGtids> {
  let earlier: EarlierGtids | null = null
  let events = 0
  const decoder = new BinlogDecoder<never>({ ...DEAF, earlier: (gtids) => (earlier ??= gtids) })
  await readEvents(master, file, (buffer, start, end) => {
    decoder.event(buffer, start, end)
    return earlier === null && ++events < HEAD_EVENTS
  })
  return earlier ?? ANY_GTID
}

/** Rotate, format description, start of encryption, and the list of GTIDs. */
const HEAD_EVENTS = 8

function overlaps({ set }: EarlierGtids, wanted: GtidSet): boolean {
  return set === null || commonGtids(set, wanted).size > 0
}

/** @param isDone asked between transactions. */
async function decode(
  master: Master,
  { file, offset }: FilePosition,
  listener: WriteListener,
  isDone: () => boolean
): Promise<void> {
  const decoder = new BinlogDecoder(listener)
  await readEvents(
    master,
    file,
    (buffer, start, end) => {
      decoder.event(buffer, start, end)
      return listener.isOpen || !isDone()
    },
    offset
  )
}

/** Says whose binlog it is that cannot be read, and why. */
export async function explained<Result>(master: Master, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof MmauditError) throw cause
    const name = `the binlog of ${master.name}`
    if (!isMissingPrivilege(cause)) {
      throw new MmauditError('incomplete', `${name} cannot be read: ${messageOf(cause)}`, { cause })
    }
    throw new MmauditError('incomplete', `the account ${master.user} may not read ${name}`, {
      hint: `GRANT ${master.capabilities.privileges.readBinlogs.name} ON *.* TO '${master.user}'@'<host>'`,
      cause
    })
  }
}
