import type { Clock } from '../masters/clock.js'
import type { Gate } from './gate.js'

/**
 * A clock for asking the servers something again and again: whoever has slept by it waits at the gate as well, and while
 * anybody waits there, time stands still. So nothing is asked while the gate is closed, and no patience is used up.
 */
export function gatedClock(gate: Pick<Gate, 'ease'>, clock: Clock): Clock {
  let [waiting, since, stood] = [0, 0, 0]
  const standing = () => (waiting > 0 ? clock.now() - since : 0)
  return {
    now: () => clock.now() - stood - standing(),
    async sleep(milliseconds) {
      await clock.sleep(milliseconds)
      if (waiting === 0) since = clock.now()
      waiting++
      try {
        await gate.ease()
      } finally {
        if (waiting === 1) stood += standing()
        waiting--
      }
    }
  }
}
