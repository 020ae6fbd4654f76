import { spawnSync } from 'node:child_process'

/** Debian packages of the programs that ours are measured beside. */
const PACKAGES = ['percona-toolkit', 'mariadb-client-core']

/** Installs what is missing of the peers, where that can be done; what cannot is not comparable, and said so in its line. */
export function installPeers(say) {
  const isThere = [spawnSync('pt-table-sync', ['--version']), spawnSync('mysql', ['--version'])].every(
    ({ status }) => status === 0
  )
  if (isThere) return
  say(`installing ${PACKAGES.join(' and ')}`)
  const { status } = spawnSync('apt-get', ['install', '--yes', '--no-install-recommends', ...PACKAGES])
  if (status !== 0) say(`they could not be installed: lines that need them will lack a peer`)
}
