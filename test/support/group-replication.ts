import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureServer } from '../../src/lab/ensure-server.js'
import { messageOf } from '../../src/model/errors.js'
import { type ClusterNode, startClusterNode } from './cluster-node.js'

const PLUGIN = 'group_replication.so'
const KIND = 'mysql-9.7'
/** Any uuid; the group is thrown away. */
const GROUP = '6d6d6175-6469-7400-8000-000000000001'

/** Why no member of a group can be started here; `null` when one can. */
export async function whyNoGroup(): Promise<string | null> {
  try {
    const binary = await ensureServer(KIND, { install: true, say: () => {} })
    const folder = binary.flags.find((flag) => flag.startsWith('--plugin-dir='))?.slice('--plugin-dir='.length)
    return folder !== undefined && existsSync(join(folder, PLUGIN)) ? null : `${binary.version} comes without ${PLUGIN}`
  } catch (error) {
    return messageOf(error)
  }
}

/** Starts the primary of a group of one. Its state is only told with the performance schema. */
export function startGroupPrimary(): Promise<ClusterNode> {
  return startClusterNode({
    kind: KIND,
    askState:
      'SELECT MEMBER_STATE AS state FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid',
    readyState: 'ONLINE',
    flags: (port) => [
      '--performance-schema=1',
      `--plugin-load-add=${PLUGIN}`,
      `--group-replication-group-name=${GROUP}`,
      `--group-replication-local-address=127.0.0.1:${port}`,
      `--group-replication-group-seeds=127.0.0.1:${port}`,
      '--group-replication-ip-allowlist=127.0.0.1/8',
      '--group-replication-bootstrap-group=ON',
      '--group-replication-start-on-boot=ON',
      '--report-host=127.0.0.1'
    ]
  })
}
