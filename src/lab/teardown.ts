import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openSession } from './cluster.js'
import { LAB_FILES, type LabMaster, type LabState } from './lab-state.js'
import { foldersOutside, placeOf } from './layout.js'
import { serversOn, stopServersOn } from './processes.js'
import { replicationOf } from './replication/of.js'
import { masterLetter } from './shop.js'

/** Most masters a lab can have; also those a killed start can have left. */
export const MOST_MASTERS = 9

/** Stops the servers of a lab folder that run on its own data folders, known or left over. Returns how many there were. */
export async function stopServers(dir: string, lab: LabState): Promise<number> {
  // Those that do not answer are stopped all the same.
  if (lab.linked) await Promise.allSettled(lab.masters.filter(isRunning).map(disconnect))
  const stopped = await Promise.all(dataFolders(dir).map(stopServersOn))
  return stopped.reduce((sum, count) => sum + count, 0)
}

async function disconnect(master: LabMaster): Promise<void> {
  const session = await openSession(master)
  await replicationOf(master.vendor).disconnect(session)
  await session.close()
}

/** True when every server that the lab has started runs. */
export function allServersRun(lab: LabState): boolean {
  return lab.masters.every((master) => master.dataDir === null || isRunning(master))
}

/** True when the server is one that the lab has started, and runs. */
function isRunning({ dataDir }: LabMaster): boolean {
  return dataDir !== null && serversOn(dataDir).length > 0
}

function dataFolders(dir: string): readonly string[] {
  return Array.from({ length: MOST_MASTERS }, (_, i) => placeOf(dir, masterLetter(i)).dataDir)
}

/** Removes everything in a lab folder, and what lies outside of it, but for the lock. */
export async function emptyLab(dir: string, masters: readonly LabMaster[]): Promise<void> {
  const inside = (await readdir(dir)).filter((name) => !name.startsWith(LAB_FILES.lock)).map((name) => join(dir, name))
  // The state goes last: as long as it is there, an interrupted removal can be taken up again.
  inside.sort((left, right) => Number(left.endsWith(LAB_FILES.state)) - Number(right.endsWith(LAB_FILES.state)))
  for (const path of [...foldersOutside(dir, masters), ...inside]) await rm(path, { recursive: true, force: true })
}
