import { changeSource, startChannel, stopChannel } from '../../sql/replication.js'
import { seen } from '../facts.js'
import { type Check, finding } from '../finding.js'
import { run } from '../mends.js'

const LOOPBACK = /^(localhost|127\.|::1$)/

/** Whether others can read, or change, what travels between the masters. */
export const checkEncryption: Check = (masters) =>
  masters.flatMap((facts) =>
    (seen(facts.parts.channels) ?? [])
      .filter(({ encrypted }) => !encrypted)
      .map(({ name, sourceHost, sourcePort }) =>
        finding('channel-unencrypted', LOOPBACK.test(sourceHost) ? 'info' : 'warning', [facts], {
          what: `${facts.info.name} receives from ${sourceHost}:${sourcePort} without encryption`,
          cause: 'the channel was set up without TLS',
          danger: LOOPBACK.test(sourceHost)
            ? 'none, while it stays within this machine'
            : 'every row that is written, and the password of the replication account, can be read and changed on the way',
          advice: 'the source needs a certificate, and the channel its authority to check it',
          mend: [
            stopChannel(facts.capabilities, name),
            changeSource(facts.capabilities, name, 'encrypted'),
            startChannel(facts.capabilities, name)
          ].map((statement) => run(facts, statement))
        })
      )
  )
