import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { waitForLock } from '../../src/files/lock.js'
import { runProgram } from '../../src/lab/children.js'
import { cacheFolder } from '../../src/lab/environment.js'
import { isRoot } from '../../src/lab/processes.js'
import { messageOf } from '../../src/model/errors.js'
import { type ClusterNode, startClusterNode } from './cluster-node.js'

/** Where Debian's galera-4 puts the library; it fits Debian's own MariaDB 10.11. */
const PROVIDER = '/usr/lib/galera/libgalera_smm.so'
const PACKAGE = 'galera-4'

/** Why no Galera node can be started here, installing what is missing where that is allowed; `null` when one can. */
export async function whyNoGalera(): Promise<string | null> {
  if (existsSync(PROVIDER)) return null
  if (!isRoot()) return `${PROVIDER} is not there, and only root can install ${PACKAGE}`
  try {
    await waitForLock(join(cacheFolder(), 'install.lock'), `installing ${PACKAGE}`, async () => {
      if (existsSync(PROVIDER)) return
      const env = { DEBIAN_FRONTEND: 'noninteractive' }
      await runProgram('apt-get', ['update'])
      await runProgram('apt-get', ['install', '--yes', '--no-install-recommends', PACKAGE], { env })
    })
    return existsSync(PROVIDER) ? null : `${PACKAGE} was installed, and has no ${PROVIDER}`
  } catch (error) {
    return messageOf(error)
  }
}

/** Starts a MariaDB node that is the whole of its cluster: it needs no data from others, only to be told that it is the first. */
export function startGaleraNode(): Promise<ClusterNode> {
  return startClusterNode({
    kind: 'mariadb-10.11',
    askState: "SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'",
    readyState: 'Synced',
    flags: (port) => [
      '--wsrep-on=ON',
      `--wsrep-provider=${PROVIDER}`,
      '--wsrep-cluster-address=gcomm://',
      '--wsrep-new-cluster',
      '--wsrep-node-address=127.0.0.1',
      `--wsrep-provider-options=base_port=${port};gmcast.listen_addr=tcp://127.0.0.1:${port}`,
      '--innodb-autoinc-lock-mode=2'
    ]
  })
}
