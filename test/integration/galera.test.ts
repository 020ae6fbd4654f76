import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { capabilitiesOf } from '../../src/masters/capabilities.js'
import { readWriteAccess } from '../../src/masters/write-access.js'
import { masterObstacles } from '../../src/repair/look/impact.js'
import type { ClusterNode } from '../support/cluster-node.js'
import { startGaleraNode, whyNoGalera } from '../support/galera.js'
import { startGroupPrimary, whyNoGroup } from '../support/group-replication.js'

const CLUSTERS = [
  {
    name: 'a Galera node',
    kind: 'galera',
    state: 'Synced',
    start: startGaleraNode,
    leftOut: await whyNoGalera(),
    refusal: /^a is a Galera node \(Synced\): .* full state transfer/
  },
  {
    name: 'a member of Group Replication',
    kind: 'group-replication',
    state: 'ONLINE',
    start: startGroupPrimary,
    leftOut: await whyNoGroup(),
    refusal: /^a belongs to Group Replication \(ONLINE\): .* clone/
  }
]

for (const { name, leftOut } of CLUSTERS) {
  if (leftOut === null) continue
  process.stderr.write(`\n*** LEFT OUT: no test runs on ${name}: ${leftOut}\n\n`)
  // CI must not take a run without it for a green one.
  if (process.env.CI === 'true') throw new Error(`left out: ${name}`)
}

describe.each(CLUSTERS.filter(({ leftOut }) => leftOut === null))('$name', ({ kind, state, start, refusal }) => {
  let node: ClusterNode
  beforeAll(async () => {
    node = await start()
  })
  afterAll(() => node?.stop())

  it('is refused local repairs, whatever is allowed', async () => {
    const session = await node.open()
    const [server] = await session.query('SELECT VERSION() AS version')
    const access = await readWriteAccess(session, capabilitiesOf(server?.version ?? '', ''))
    await session.close()
    expect(access).toMatchObject({ cluster: { kind, state }, readOnly: false, closedBy: null })
    const config = { allowReadOnly: true, viaReplication: true }
    expect(masterObstacles('a', access, new Set(), config).refused).toMatch(refusal)
  })
})
