import { existsSync } from 'node:fs'
import { type ClusterNode, startClusterNode } from './cluster-node.js'
import { whyNotInstalled } from './debian-package.js'

/** Where Debian's galera-4 puts the library; it fits Debian's own MariaDB 10.11. */
const PROVIDER = '/usr/lib/galera/libgalera_smm.so'
const PACKAGE = 'galera-4'

/** Why no Galera node can be started here, installing what is missing where that is allowed; `null` when one can. */
export function whyNoGalera(): Promise<string | null> {
  return whyNotInstalled(PACKAGE, () => existsSync(PROVIDER))
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
