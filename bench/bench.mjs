import { withMasters } from './data/masters.mjs'
import { LINES, THEMES } from './lines/index.mjs'
import { installPeers } from './measure/peers.mjs'
import { inTurn } from './measure/rounds.mjs'
import { spread } from './measure/spread.mjs'

/**
 * Measures the wanted lines.
 *
 * @param options `{ lines, rows, runs, servers, quick, full, install, say }`
 * @returns `{ figures, series, gauge, servers, errors }`: figures as `output/figures.mjs` makes them; what each candidate
 *   took, by series; the seconds of the gauge in each round; the versions of the servers by kind; why a theme failed.
 */
export async function measureAll(options) {
  if (options.install) installPeers(options.say)
  const bench = new Bench(options)
  const wanted = THEMES.filter((theme) => theme.lines.some((line) => bench.wants(line)))
  for (const [at, kind] of options.servers.entries()) {
    const themes = wanted.filter((theme) => theme.everyServer || at === 0)
    if (themes.length > 0) await measureOn(kind, themes, bench)
  }
  return bench.result()
}

/** Only one pair of servers runs at a time: they share the machine's cores with what is measured. */
async function measureOn(kind, themes, bench) {
  bench.say(`starting two masters: ${kind}`)
  await withMasters(kind, bench.options, async (masters) => {
    bench.servers[kind] = masters.version
    for (const theme of themes) await bench.measure(theme, masters)
  })
}

/** What the themes work with, and where their figures go. */
class Bench {
  servers = {}
  #figures = []
  #series = {}
  #gauge = []
  #errors = []

  constructor(options) {
    this.options = options
    this.rows = options.rows
    this.runs = options.runs
    this.quick = options.quick
    this.full = options.full
    this.say = options.say
  }

  wants(line) {
    return this.options.lines.includes(line)
  }

  /** A theme that fails costs its own lines, not those of the others. */
  async measure(theme, masters) {
    try {
      this.#figures.push(...(await theme.measure(this, masters)))
    } catch (error) {
      this.say(String(error.stack))
      const lines = theme.lines.filter((line) => this.wants(line))
      this.#errors.push({ lines, message: `${masters.kind}: ${error.message}` })
    } finally {
      await masters.clear()
    }
  }

  /** Runs candidates in turn; see {@link inTurn}. What they took is kept under `name`. */
  async rounds(name, candidates, { runs = this.runs } = {}) {
    this.say(`measuring: ${name}`)
    const result = await inTurn(candidates, { runs, warmUp: !this.quick, say: this.say })
    this.#gauge.push(...result.gauge)
    this.#series[name] = Object.fromEntries(
      Object.entries(result.samples).flatMap(([candidate, samples]) =>
        samples.length === 0 ? [] : [[candidate, summary(samples)]]
      )
    )
    return result
  }

  result() {
    const figures = this.#figures.filter(({ line }) => this.wants(line))
    return {
      lines: LINES.filter(({ line }) => this.wants(line)).map((line) => ({ ...line, ...this.#outcome(line, figures) })),
      series: this.#series,
      gauge: this.#gauge.length === 0 ? null : spread(this.#gauge),
      servers: this.servers
    }
  }

  #outcome({ line }, figures) {
    const own = figures.filter((figure) => figure.line === line).map(({ line: _, ...figure }) => figure)
    const errors = this.#errors.filter(({ lines }) => lines.includes(line)).map(({ message }) => message)
    return { verdict: verdictOf(own, errors), figures: own, errors }
  }
}

/** A line whose figures have no target is only measured. */
function verdictOf(figures, errors) {
  const judged = figures.filter(({ keeps }) => keeps !== null)
  if (errors.length > 0 || figures.every(({ value }) => value === null)) return 'not measured'
  if (judged.length === 0) return 'measured'
  return judged.every(({ keeps }) => keeps) ? 'pass' : 'short'
}

function summary(samples) {
  const of = (figure) => spread(samples.map(figure))
  return {
    runs: samples.length,
    seconds: of((sample) => sample.seconds),
    clientCpuSeconds: of((sample) => sample.clientCpu),
    serverCpuSeconds: of((sample) => sample.serverCpu),
    peakMegabytes: of((sample) => sample.peakMb)
  }
}
