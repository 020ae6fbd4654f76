import { MmauditError } from '../../model/errors.js'
import type { How } from '../truth.js'
import { requireInteger } from '../up-options.js'

/** What divergence to make, and how much. */
export interface LabDivergeOptions {
  readonly dir: string
  /** The same seed on the same lab makes the same rows differ. */
  readonly seed?: number
  /** One of `missing`, `conflict`, `collision`, `swap`, `all`, or one kind: `lost-insert`, `crosswise`, … */
  readonly class?: string
  /** Divergences of each kind. */
  readonly count?: number
  readonly say?: (line: string) => void
}

/** Checked options, complete. */
export interface DivergePlan {
  readonly seed: number
  readonly hows: readonly How[]
  readonly count: number
  readonly say: (line: string) => void
}

const MISSING: readonly How[] = ['lost-insert', 'lost-delete']
const CONFLICT: readonly How[] = ['lost-update', 'crossing-updates']
const SWAP: readonly How[] = ['swap', 'even-update']
const COLLISION: readonly How[] = ['same-id']

/** Made only where it is asked for by its name: one makes a dozen rows differ, of several classes. */
const FAMILY: How = 'collision-family'

const BY_CLASS: ReadonlyMap<string, readonly How[]> = new Map([
  ['missing', MISSING],
  ['conflict', CONFLICT],
  ['collision', COLLISION],
  ['swap', SWAP],
  ['all', [...MISSING, ...CONFLICT, ...SWAP, ...COLLISION]],
  // One kind by its name, and by that of the evidence for it.
  ...[...MISSING, ...CONFLICT, ...COLLISION, 'even-update' as const, FAMILY].map((how) => [how, [how]] as const),
  ['crosswise', ['crossing-updates']]
])

/** What `--class` takes. */
const DIVERGE_CLASSES: readonly string[] = [...BY_CLASS.keys()]

const DEFAULT_COUNT = 5
const MOST_COUNT = 10_000

/** Checks what the user asked for and fills in the rest. */
export function checkDiverge(options: LabDivergeOptions): DivergePlan {
  const { seed = 1, count = DEFAULT_COUNT, say = () => {} } = options
  const hows = BY_CLASS.get(options.class ?? 'all')
  if (hows === undefined) {
    throw new MmauditError('usage', `no divergence is called '${options.class}'`, {
      hint: `--class takes one of ${DIVERGE_CLASSES.join(', ')}`
    })
  }
  requireInteger('--seed', seed, 0, 2 ** 31 - 1)
  requireInteger('--count', count, 1, MOST_COUNT)
  return { seed, hows, count, say }
}
