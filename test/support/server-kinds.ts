import { ensureServer } from '../../src/lab/index.js'
import { messageOf } from '../../src/model/errors.js'
import { engineAnswers } from './containers.js'
import { parseDsns } from './dsn.js'

/** What is tried when `MMAUDIT_TEST_SERVERS` does not say: every kind that needs no container. */
const LOCAL_KINDS = ['mariadb-10.11', 'mariadb-11.8', 'mysql-9.7']

/** The kinds of servers that the integration tests run on, and those they wanted but could not get. */
export interface ServerKinds {
  readonly available: readonly string[]
  readonly leftOut: readonly { readonly kind: string; readonly reason: string }[]
}

/**
 * Reads the list of kinds: names of local servers (`mariadb-10.11`, `mysql-9.7`), images (`docker:mysql:8.4`), or DSNs of
 * servers that already run (`mysql://root@host:3306|mysql://root@host:3307`, the masters of one kind joined by `|`).
 */
export async function findServerKinds(list: string | undefined): Promise<ServerKinds> {
  const asked = (list ?? '').split(/[\s,]+/).filter((kind) => kind !== '')
  const kinds = asked.length > 0 ? asked : LOCAL_KINDS
  const reasons: (string | null)[] = []
  // One after the other: only one at a time can install.
  for (const kind of kinds) reasons.push(await whyNotAvailable(kind))
  return {
    available: kinds.filter((_, at) => reasons[at] === null),
    leftOut: kinds.flatMap((kind, at) => {
      const reason = reasons[at]
      return reason == null ? [] : [{ kind, reason }]
    })
  }
}

async function whyNotAvailable(kind: string): Promise<string | null> {
  try {
    if (kind.startsWith('docker:')) return (await engineAnswers()) ? null : 'no container engine answers'
    if (kind.includes('://')) return parseDsns(kind).length >= 2 ? null : 'a kind by DSN needs two masters, joined by |'
    await ensureServer(kind, { install: true, say: (line) => process.stderr.write(`${kind}: ${line}\n`) })
    return null
  } catch (error) {
    return messageOf(error)
  }
}
