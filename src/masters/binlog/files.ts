import type { Master } from '../master.js'
import type { Session } from '../session.js'
import { DUMP_SETTINGS, type TakeEvent } from './dump.js'

/** Lists the binlog files of a server, the oldest first; none when it writes no binlog. */
export async function binlogFiles(session: Session): Promise<readonly string[]> {
  const rows = await session.query('SHOW BINARY LOGS')
  return rows.flatMap((row) => row.Log_name ?? [])
}

/** Reads binlog events from the beginning of a file on, or from a position in it, over a connection of its own. */
export async function readEvents(master: Master, file: string, take: TakeEvent, from?: number): Promise<void> {
  const session = await master.openSession(DUMP_SETTINGS)
  try {
    await session.dump(file, take, from)
  } finally {
    session.destroy()
  }
}

/**
 * The last file that was begun before a moment, so that all that came after lies in it and in those behind it; the oldest
 * where none was.
 * @param beginOf reads when a file was begun.
 */
export async function fileBefore<Moment>(
  files: readonly string[],
  since: Moment,
  beginOf: (file: string) => Promise<Moment>
): Promise<string | null> {
  let [low, high] = [0, files.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((await beginOf(files[middle] ?? '')) > since) high = middle - 1
    else low = middle
  }
  return files[low] ?? null
}
