import { replicationOf } from '../../src/lab/replication/of.js'
import type { Vendor } from '../../src/model/master.js'
import type { TestLab } from './test-lab.js'

/** How the channels of a lab's servers are told what to do, in the words of their vendor. */
export interface ChannelWords {
  readonly start: string
  readonly stop: string
  /** Stops the channel that a server had from the beginning. */
  readonly stopFirst: string
  delay(seconds: number): string
  password(password: string): string
  readonly status: string
  /** The column of the status that tells of the receiver. */
  readonly receiver: string
}

const WORDS: Readonly<Record<Vendor, ChannelWords>> = {
  mariadb: {
    start: 'START ALL SLAVES',
    stop: 'STOP ALL SLAVES',
    stopFirst: 'STOP SLAVE',
    delay: (seconds) => `CHANGE MASTER TO MASTER_DELAY = ${seconds}`,
    password: (password) => `CHANGE MASTER TO MASTER_PASSWORD = '${password}'`,
    status: 'SHOW ALL SLAVES STATUS',
    receiver: 'Slave_IO_Running'
  },
  mysql: {
    start: 'START REPLICA',
    stop: 'STOP REPLICA',
    stopFirst: "STOP REPLICA FOR CHANNEL ''",
    delay: (seconds) => `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}`,
    password: (password) => `CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = '${password}'`,
    status: 'SHOW REPLICA STATUS',
    receiver: 'Replica_IO_Running'
  }
}

/** The words for a lab whose masters are of one vendor. */
export function channelWords(lab: TestLab): ChannelWords {
  return WORDS[vendorOf(lab)]
}

function vendorOf(lab: TestLab): Vendor {
  const [master] = lab.state.masters
  if (master === undefined) throw new Error('a lab without masters')
  return master.vendor
}

const SECOND = "'second'"

/** Gives each master of a ring of three a second channel, from the one that it did not hear of directly. */
export async function linkAllToAll(lab: TestLab): Promise<void> {
  const { masters } = lab.state
  const { start, stop } = channelWords(lab)
  for (const [at, { name, vendor }] of masters.entries()) {
    const source = masters[(at + 1) % masters.length]
    if (source === undefined) continue
    const link = replicationOf(vendor)
      .link(source)
      .map((statement) =>
        vendor === 'mariadb'
          ? statement.replace('CHANGE MASTER TO', `CHANGE MASTER ${SECOND} TO`)
          : `${statement} FOR CHANNEL ${SECOND}`
      )
    // What comes over both channels is applied once: MySQL does so by itself.
    const once = vendor === 'mariadb' ? ['SET GLOBAL gtid_ignore_duplicates = 1'] : []
    await lab.run(name, stop, ...once, ...link, start)
  }
}

/** Makes a ring again, of channels that go by binlog file and position; on MySQL, without any GTIDs. All must have caught up. */
export async function relinkByFile(lab: TestLab): Promise<void> {
  const { masters } = lab.state
  const { start, stop } = channelWords(lab)
  const isMariadb = vendorOf(lab) === 'mariadb'
  for (const { name } of masters) {
    await lab.run(name, stop, isMariadb ? `RESET SLAVE ${SECOND} ALL` : `RESET REPLICA ALL FOR CHANNEL ${SECOND}`)
  }
  for (const [at, { name }] of masters.entries()) {
    const source = masters.at(at - 1)
    const [position] = await lab.query(source?.name ?? '', isMariadb ? 'SHOW MASTER STATUS' : 'SHOW BINARY LOG STATUS')
    const [file, offset] = [position?.File, position?.Position]
    await lab.run(
      name,
      isMariadb
        ? `CHANGE MASTER TO MASTER_LOG_FILE = '${file}', MASTER_LOG_POS = ${offset}, MASTER_USE_GTID = no`
        : `CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE = '${file}', SOURCE_LOG_POS = ${offset}, SOURCE_AUTO_POSITION = 0`
    )
  }
  // Each step must have been taken everywhere before the next one.
  for (const mode of isMariadb ? [] : ['ON_PERMISSIVE', 'OFF_PERMISSIVE', 'OFF']) {
    for (const { name } of masters) await lab.run(name, `SET GLOBAL gtid_mode = ${mode}`)
  }
  for (const { name } of masters) await lab.run(name, start)
}
