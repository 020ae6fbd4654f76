import { mmaudit } from '../measure/commands.mjs'
import { timeRatios } from '../measure/spread.mjs'
import { timed } from '../measure/timed.mjs'
import { atMost, forInformation } from '../output/figures.mjs'

/** Starting takes so little time that a pair says little. */
const LEAST_PAIRS = 20

/** Line 12: what the program needs before it does anything. */
export const startUp = {
  lines: [12],
  everyServer: false,

  async measure(bench) {
    const runs = bench.quick ? bench.runs : Math.max(LEAST_PAIRS, bench.runs)
    const bare = { program: process.execPath, args: ['-e', '0'] }
    const candidates = [
      { name: 'mmaudit --version', run: () => timed(mmaudit(['--version'])) },
      { name: 'node -e 0', run: () => timed(bare) }
    ]
    const { samples } = await bench.rounds('start-up', candidates, { runs })
    const [ours, theirs] = candidates.map(({ name }) => samples[name])
    return [
      atMost(12, 'mmaudit --version / node -e 0', timeRatios(ours, theirs), 1.6),
      forInformation(
        12,
        'mmaudit --version',
        ours.map(({ seconds }) => seconds * 1000),
        'ms'
      )
    ]
  }
}
