import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { LabMaster } from './lab-state.js'
import type { ServerPlace } from './server-flags.js'

/** Longest path of a unix socket on Linux, in bytes. */
const SOCKET_PATH_LIMIT = 107

/** Where the master called `name` of the lab in `dir` keeps its things. */
export function placeOf(dir: string, name: string): ServerPlace {
  const folder = join(dir, name)
  return { dataDir: join(folder, 'data'), socket: socketPath(dir, name), logFile: join(folder, 'server.log') }
}

function socketPath(dir: string, name: string): string {
  const near = join(dir, `${name}.sock`)
  return Buffer.byteLength(near) <= SOCKET_PATH_LIMIT ? near : join(farSockets(dir), `${name}.sock`)
}

function farSockets(dir: string): string {
  return join(tmpdir(), `mmaudit-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`)
}

/** Folders of a lab that lie outside its own: that of the sockets, when the path was too long for them. */
export function foldersOutside(dir: string, masters: readonly LabMaster[]): readonly string[] {
  const far = farSockets(dir)
  return masters.some((master) => master.socket !== null && dirname(master.socket) === far) ? [far] : []
}
