import { resolve } from 'node:path'
import { withLock } from '../../files/lock.js'
import { MmauditError } from '../../model/errors.js'
import { Cluster } from '../cluster.js'
import { lockFile, readLab } from '../lab-state.js'
import { KILLED_SCENARIOS } from './killed.js'
import { SETTING_SCENARIOS } from './of-settings.js'
import type { Scenario } from './scenario.js'
import { STOPPED_SCENARIOS } from './stopped.js'

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...SETTING_SCENARIOS,
  ...STOPPED_SCENARIOS,
  ...KILLED_SCENARIOS
}

/** What to make wrong in a lab. */
export interface LabScenarioOptions {
  readonly dir: string
  /** In the order in which they are made. */
  readonly scenarios: readonly string[]
  readonly say?: (line: string) => void
}

/** The names of all scenarios, with what each is about. */
export function labScenarios(): readonly { readonly name: string; readonly about: string }[] {
  return Object.entries(SCENARIOS).map(([name, { about }]) => ({ name, about }))
}

/**
 * Makes something wrong with the masters of a running lab, for `mmaudit doctor` to find. Nothing of it is written down in
 * `truth.json`, and nothing takes it back but `lab down`.
 */
export async function labArrange({ dir, scenarios, say = () => {} }: LabScenarioOptions): Promise<void> {
  const chosen = scenarios.map((name) => ({ name, scenario: named(name) }))
  const folder = resolve(dir)
  const lab = await readLab(folder)
  if (!lab.linked) {
    throw new MmauditError('usage', 'scenarios need masters that replicate to each other', {
      hint: 'start a lab of one vendor'
    })
  }
  await withLock(lockFile(folder), 'this lab', 'making something wrong', async () => {
    const cluster = await Cluster.open(lab, lab.database)
    try {
      for (const { name, scenario } of chosen) {
        refuseVendor(name, scenario, cluster)
        await scenario.arrange(cluster, folder)
        say(`${name}: ${scenario.about}`)
      }
    } finally {
      await cluster.close()
    }
  })
}

function named(name: string): Scenario {
  const found = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined
  if (found !== undefined) return found
  throw new MmauditError('usage', `no scenario is called '${name}'`, {
    hint: `--scenario takes one of ${Object.keys(SCENARIOS).join(', ')}`
  })
}

function refuseVendor(name: string, { vendors }: Scenario, { members }: Cluster): void {
  const other = members.find(({ master }) => !vendors.includes(master.vendor))
  if (other === undefined) return
  throw new MmauditError('usage', `${name} cannot be had on ${other.master.vendor}`, {
    hint: `start a lab with --server ${vendors.join(' or ')}`
  })
}
