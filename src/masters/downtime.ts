import type { Capabilities } from './capabilities.js'
import { isMissingPrivilege } from './server-errors.js'
import type { Session, TextRow } from './session.js'

/** When a channel came to stand still, as far as its server knows. Times are UTC, `YYYY-MM-DD hh:mm:ss`. */
export interface Downtime {
  /** `failed`: just then, with an error; `applied`, `heard`: later than its last transaction, or sign of its source. */
  readonly since: 'failed' | 'applied' | 'heard'
  readonly at: string
}

type Part = 'applier' | 'receiver'

/** What a server tells of its channels besides their state. */
export interface Downtimes {
  /** @param channels how many the server has; some facts are told of all of them together. */
  of(
    channel: string,
    part: Part,
    channels: number
  ): { readonly downtime: Downtime | null; readonly error: string | null }
}

/** Asks a server since when its channels stand still. An account that may not know it learns nothing. */
export async function readDowntimes(session: Session, capabilities: Capabilities): Promise<Downtimes> {
  const rows = await session.query(capabilities.showDowntimes).catch((error) => {
    if (isMissingPrivilege(error)) return []
    throw error
  })
  return {
    of(channel, part, channels) {
      const own = rows.filter((row) => row.channel === channel || (row.channel === null && channels === 1))
      const [applier, receiver] = ['applier', 'receiver'].map((each) => own.filter((row) => row.part === each))
      const asked = (part === 'applier' ? applier : receiver) ?? []
      return {
        downtime:
          failure(asked) ?? (part === 'receiver' ? sign('heard', asked) : null) ?? sign('applied', applier ?? []),
        error: asked.map((row) => row.error ?? '').find((error) => error !== '') ?? null
      }
    }
  }
}

function failure(rows: readonly TextRow[]): Downtime | null {
  const at = latest(rows.map((row) => row.failed))
  return at === null ? null : { since: 'failed', at }
}

function sign(since: 'applied' | 'heard', rows: readonly TextRow[]): Downtime | null {
  const at = latest(rows.map((row) => row.last))
  return at === null ? null : { since, at }
}

/** Times that are not known are NULL or begin with the year 0. Fractions of a second help nobody. */
function latest(times: readonly (string | null | undefined)[]): string | null {
  const known = times
    .filter((time) => time != null && !time.startsWith('0000'))
    .map((time) => String(time).slice(0, 19))
  return known.sort().at(-1) ?? null
}
