/** About a fifth of a second on a machine of today. */
const STEPS = 100_000_000

/** Seconds of a fixed piece of work that needs nothing but a core: what else the machine does shows in it. */
export function cpuLoopSeconds() {
  const started = performance.now()
  let state = 1
  for (let step = 0; step < STEPS; step++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
  }
  if (state === 0) throw new Error('xorshift never comes to zero')
  return (performance.now() - started) / 1000
}
