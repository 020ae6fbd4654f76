import { cpuLoopSeconds } from './cpu-loop.mjs'

/**
 * Runs candidates in turn, round after round, so that a change in the machine's speed meets all of them alike.
 *
 * @param candidates `{ name, run(), peer = false }`; `run` resolves to a sample. A peer that cannot do the work is left out
 *   with the reason; ours must.
 * @param options `{ runs, warmUp, say }`: with `warmUp`, one round before them that does not count.
 * @returns `{ samples, failures, gauge }`: samples and reasons by name, and the seconds of the gauge in each round.
 */
export async function inTurn(candidates, { runs, warmUp, say }) {
  const samples = Object.fromEntries(candidates.map(({ name }) => [name, []]))
  const failures = {}
  const gauge = []
  if (warmUp) await oneRound(candidates, failures, (name, { seconds }) => say(took('warm-up', name, seconds)))
  for (let round = 1; round <= runs; round++) {
    gauge.push(cpuLoopSeconds())
    await oneRound(candidates, failures, (name, sample) => {
      say(took(`round ${round}`, name, sample.seconds))
      samples[name].push(sample)
    })
  }
  return { samples, failures, gauge }
}

async function oneRound(candidates, failures, onSample) {
  for (const { name, run, peer = false } of candidates) {
    if (name in failures) continue
    try {
      onSample(name, await run())
    } catch (error) {
      if (!peer) throw error
      failures[name] = error.message
    }
  }
}

function took(when, name, seconds) {
  return `  ${when}: ${name}: ${seconds.toFixed(2)} s`
}
