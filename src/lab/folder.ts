import { existsSync } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { MmauditError } from '../model/errors.js'
import { LAB_FILES, type LabState, readLab } from './lab-state.js'
import { allServersRun, emptyLab, stopServers } from './teardown.js'

/** Refuses folders that hold anything but a lab; creates one that is not there. */
export async function claimFolder(dir: string): Promise<void> {
  if (existsSync(dir) && !(await stat(dir)).isDirectory()) throw notALab(dir)
  await mkdir(dir, { recursive: true })
  const files = (await readdir(dir)).filter((name) => !name.startsWith(LAB_FILES.lock))
  if (files.length > 0 && !files.includes(LAB_FILES.state)) throw notALab(dir)
}

function notALab(dir: string): MmauditError {
  return new MmauditError('usage', `${dir} holds something that is not a lab`, {
    hint: 'name an empty or a new folder with --dir'
  })
}

/** Cleans up what an earlier lab has left in a folder; refuses one that runs or was kept on purpose. */
export async function clearLeftovers(dir: string, say: (line: string) => void): Promise<void> {
  if (!(await readdir(dir)).includes(LAB_FILES.state)) return
  const lab = await readLab(dir)
  refuseLiving(dir, lab)
  say(`found a lab in ${dir} that was left over from a killed run; cleaning it up`)
  const stopped = await stopServers(dir, lab)
  if (stopped > 0) say(`stopped ${stopped} of its servers`)
  await emptyLab(dir, lab.masters)
}

function refuseLiving(dir: string, lab: LabState): void {
  if (lab.status === 'kept') {
    throw new MmauditError('usage', `${dir} holds the data of a lab that was kept`, {
      hint: 'remove it with `mmaudit lab down`, or name another folder with --dir'
    })
  }
  if (lab.status === 'running' && allServersRun(lab)) {
    throw new MmauditError('usage', `a lab is running in ${dir}`, {
      hint: 'stop it with `mmaudit lab down`, or name another folder with --dir'
    })
  }
}
