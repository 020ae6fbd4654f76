import { resolve } from 'node:path'
import { AtomicFile } from '../report/atomic-file.js'
import { type IdMapEntry, idMapText } from '../report/id-map.js'

/** Where the id map of a run goes that was not told: beside its journal. */
export function idMapPath(said: string | null, journal: string, cwd: string): string {
  return said === null ? `${journal.replace(/\.journal$/, '')}.ids.csv` : resolve(cwd, said)
}

/** Writes the ids that rows get, in place of what was written of them before. @throws MmauditError `usage` when it cannot be written. */
export async function writeIdMap(path: string, entries: readonly IdMapEntry[]): Promise<void> {
  const file = await AtomicFile.create(path)
  try {
    await file.write(idMapText(entries))
    await file.commit()
  } catch (error) {
    await file.discard()
    throw error
  }
}
