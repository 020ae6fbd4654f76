import type { Vendor } from '../model/master.js'
import { text } from './literal.js'

/** The words in which a server speaks of replication. */
export interface ReplicationWords {
  readonly vendor: Vendor
  /** MySQL says REPLICA since 8.0.22, MariaDB SLAVE. */
  readonly replica: 'REPLICA' | 'SLAVE'
}

/** Which of the two threads of a channel is meant; `both` when none is named. */
type Thread = 'both' | 'applier' | 'receiver'

const THREADS: Readonly<Record<Thread, string>> = { both: '', applier: ' SQL_THREAD', receiver: ' IO_THREAD' }

/** Starts a channel. The default channel has an empty name. */
export function startChannel(words: ReplicationWords, channel: string, thread: Thread = 'both'): string {
  return channelStatement('START', words, channel, thread)
}

/** Stops a channel. */
export function stopChannel(words: ReplicationWords, channel: string, thread: Thread = 'both'): string {
  return channelStatement('STOP', words, channel, thread)
}

function channelStatement(verb: string, { vendor, replica }: ReplicationWords, channel: string, thread: Thread) {
  const named = channel === '' ? '' : text(channel)
  if (vendor === 'mariadb') return `${verb} ${replica}${named === '' ? '' : ` ${named}`}${THREADS[thread]}`
  return `${verb} ${replica}${THREADS[thread]}${named === '' ? '' : ` FOR CHANNEL ${named}`}`
}

/** Changes one setting of a channel, by the name that the words of the server give it. */
export function changeSource(words: ReplicationWords, channel: string, setting: SourceSetting): string {
  return changeStatement(words, channel, sourceOption(words, setting))
}

/** Has a channel go on at a position of its source's binlog. It has to stand still. */
export function goOnAt(words: ReplicationWords, channel: string, file: string, offset: number): string {
  const source = words.replica === 'REPLICA' ? 'SOURCE' : 'MASTER'
  return changeStatement(words, channel, `${source}_LOG_FILE = ${text(file)}, ${source}_LOG_POS = ${offset}`)
}

function changeStatement(words: ReplicationWords, channel: string, options: string): string {
  const named = channel === '' ? '' : text(channel)
  if (words.vendor === 'mariadb') return `CHANGE MASTER${named === '' ? '' : ` ${named}`} TO ${options}`
  const verb = words.replica === 'REPLICA' ? 'CHANGE REPLICATION SOURCE' : 'CHANGE MASTER'
  return `${verb} TO ${options}${named === '' ? '' : ` FOR CHANNEL ${named}`}`
}

/** What can be wrong with the settings of a channel. */
export type SourceSetting = 'encrypted' | 'by-gtid' | 'no-delay' | 'no-ignored-servers' | 'no-ignored-domains'

function sourceOption({ vendor, replica }: ReplicationWords, setting: SourceSetting): string {
  const source = replica === 'REPLICA' ? 'SOURCE' : 'MASTER'
  switch (setting) {
    case 'encrypted':
      return `${source}_SSL = 1`
    case 'by-gtid':
      return vendor === 'mariadb' ? 'MASTER_USE_GTID = slave_pos' : `${source}_AUTO_POSITION = 1`
    case 'no-delay':
      return `${source}_DELAY = 0`
    case 'no-ignored-servers':
      return 'IGNORE_SERVER_IDS = ()'
    case 'no-ignored-domains':
      return 'DO_DOMAIN_IDS = (), IGNORE_DOMAIN_IDS = ()'
  }
}
