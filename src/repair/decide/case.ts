import type { Lane } from '../../audit/classify.js'
import type { Divergence } from '../../model/divergence.js'
import type { Column } from '../../model/table.js'
import type { Clocks } from './clocks.js'
import type { Judge } from './server-judge.js'
import type { Holdings } from './versions.js'

/** One divergent row, read on every master, with all that a policy may ask about it. */
export interface Case extends Holdings {
  readonly divergence: Divergence
  /** The compared columns of the table, in its order. */
  readonly columns: readonly Column[]
  readonly lanes: readonly Lane[]
  readonly judge: Judge
  readonly clocks: () => Promise<Clocks>
}
