import { MmauditError } from '../model/errors.js'
import { parseServers } from './kinds.js'
import { MOST_MASTERS } from './teardown.js'

/** What lab to start. */
export interface LabUpOptions {
  /** The folder that holds the lab; created, and removed by `labDown`. */
  readonly dir: string
  /** 2 to 9; by default 2, or as many as servers are named. */
  readonly masters?: number
  /** Kinds or paths of servers, separated by commas; masters take them in turn. */
  readonly server?: string
  /** Orders to seed; the other tables are in proportion. */
  readonly rows?: number
  readonly seed?: number
  /** The first master's port; the others follow. By default free ones are chosen. */
  readonly port?: number | null
  /** How masters number new rows: `apart`, each in its own lane; `off`, all 1, 2, 3, …; `clash`, all in one lane. */
  readonly lanes?: string
  /** Install servers that are missing. */
  readonly install?: boolean
  readonly say?: (line: string) => void
}

const LANE_MODES = ['apart', 'off', 'clash'] as const

/** How masters number new rows. */
type LaneMode = (typeof LANE_MODES)[number]

/** Checked options, complete. */
export interface UpPlan {
  /** One for each master. */
  readonly servers: readonly string[]
  readonly rows: number
  readonly seed: number
  readonly port: number | null
  readonly lanes: LaneMode
  readonly install: boolean
  readonly say: (line: string) => void
}

/** Enough rows for several chunks in every audit, few enough to be there at once. */
const DEFAULT_ROWS = 10_000

/** Order numbers have eight digits. */
const MOST_ROWS = 50_000_000

/** Checks what the user asked for and fills in the rest. */
export function checkUp(options: LabUpOptions): UpPlan {
  const { server = 'mariadb', rows = DEFAULT_ROWS, seed = 1, port = null, install = false } = options
  const named = parseServers(server).length
  const { masters = Math.max(2, named) } = options
  requireInteger('--masters', masters, 2, MOST_MASTERS)
  requireInteger('--rows', rows, 1, MOST_ROWS)
  requireInteger('--seed', seed, 0, 2 ** 31 - 1)
  if (port !== null) requireInteger('--port', port, 1, 65_535 - masters)
  const lanes = LANE_MODES.find((mode) => mode === (options.lanes ?? 'apart'))
  if (lanes === undefined) {
    throw new MmauditError('usage', `lanes cannot be '${options.lanes}'`, {
      hint: `--lanes takes one of ${LANE_MODES.join(', ')}`
    })
  }
  if (named > masters) {
    throw new MmauditError('usage', `${named} servers are named for ${masters} masters`, {
      hint: 'name at most one server for each master, or raise --masters'
    })
  }
  const names = server.split(',').map((name) => name.trim())
  const servers = Array.from({ length: masters }, (_, i) => names[i % named] ?? '')
  return { servers, rows, seed, port, lanes, install, say: options.say ?? (() => {}) }
}

/** Refuses what is not a whole number within bounds. */
export function requireInteger(option: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return
  throw new MmauditError('usage', `${option} must be a whole number from ${low} to ${high}`)
}
