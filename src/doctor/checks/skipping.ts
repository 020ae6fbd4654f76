import type { ChannelFacts } from '../../masters/channel-facts.js'
import type { Finding, Mend } from '../../model/doctor.js'
import { startChannel, stopChannel } from '../../sql/replication.js'
import { type MasterFacts, meansOn, seen } from '../facts.js'
import { type Check, finding } from '../finding.js'
import { run } from '../mends.js'
import { judgeSettings, type SettingRule } from './setting-rules.js'

const SILENCE = 'what an applier cannot apply is passed over in silence, and the masters differ from then on'

const RULES: readonly SettingRule[] = [
  {
    id: 'exec-mode',
    severity: 'danger',
    names: ['replica_exec_mode', 'slave_exec_mode'],
    isBad: (value) => value === 'IDEMPOTENT',
    wanted: () => 'STRICT',
    cause: 'somebody wanted replication to go on after an error',
    danger: `${SILENCE}; a row with a taken unique value even takes the place of the other row`
  },
  {
    id: 'skip-errors',
    severity: 'danger',
    names: ['replica_skip_errors', 'slave_skip_errors'],
    isBad: meansOn,
    wanted: () => 'OFF',
    atStart: true,
    cause: 'somebody wanted replication to go on after these errors',
    danger: SILENCE
  }
]

/** What makes appliers pass over what they cannot apply. */
export const checkSkipping: Check = (masters) => [...judgeSettings(RULES, masters), ...pendingSkips(masters)]

function pendingSkips(masters: readonly MasterFacts[]): readonly Finding[] {
  return masters.flatMap((facts) =>
    (seen(facts.parts.channels) ?? [])
      .filter(({ skipCounter }) => skipCounter > 0)
      .map((channel) =>
        finding('skip-counter', 'danger', [facts], {
          what: `${facts.info.name} will pass over the next ${channel.skipCounter} event groups that it receives`,
          cause: 'sql_slave_skip_counter was set, and not used up since',
          danger: 'writes get lost, whatever they are by then',
          mend: resetCounter(facts, channel)
        })
      )
  )
}

/** The counter can only be set while the applier stands still. */
function resetCounter(facts: MasterFacts, { name, applierRunning }: ChannelFacts): readonly Mend[] {
  const { capabilities } = facts
  const reset = `SET GLOBAL sql_${capabilities.replica.toLowerCase()}_skip_counter = 0`
  const statements = applierRunning
    ? [stopChannel(capabilities, name, 'applier'), reset, startChannel(capabilities, name, 'applier')]
    : [reset]
  return statements.map((statement) => run(facts, statement))
}
