/** The table for a terminal: a line of the table, and below it each of its figures. */
export function plain(result) {
  const lines = result.lines.flatMap(({ line, work, target, verdict, figures, errors }) => [
    `${String(line).padStart(2)}  ${verdict.padEnd(12)}  ${work}; ${target}`,
    ...figures.map((figure) => `      ${figureText(figure)}`),
    ...errors.map((error) => `      failed: ${error}`)
  ])
  return ['', ...lines, '', conditions(result)].join('\n')
}

/** The same as a table of Markdown. */
export function markdown(result) {
  const rows = result.lines.map(({ line, work, target, verdict, figures, errors }) => {
    const seen = [...figures.map(figureText), ...errors.map((error) => `failed: ${error}`)]
    return `| ${[line, work, target, seen.join('<br>'), verdict].map(cell).join(' | ')} |`
  })
  const head = ['| # | work | target | measured: median (least – most) | |', '|---|---|---|---|---|']
  return [...head, ...rows, '', conditions(result)].join('\n')
}

function figureText({ what, value, bound, limit, unit, keeps, reason }) {
  if (reason !== null) return `${what}: not comparable: ${reason}`
  const target = bound === null ? '' : `, ${bound} ${limit}: ${keeps ? 'pass' : 'short'}`
  return `${what}: ${number(value.median)} ${unit} (${number(value.minimum)} – ${number(value.maximum)})${target}`
}

/** Three digits that count. */
function number(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}

function conditions({ settings, servers, gauge, machine, node, takenAt }) {
  const versions = Object.entries(servers).map(([kind, version]) => `${kind} ${version}`)
  const { rows, runs, quick } = settings
  return [
    `${rows.toLocaleString('en-US')} rows, ${runs} rounds${quick ? ' (quick: nothing of this is a measurement)' : ''}`,
    ...versions,
    `Node ${node}`,
    `${machine.cores} cores (${machine.cpu}), load ${machine.load.toFixed(1)} at the beginning`,
    ...(gauge === null ? [] : [`noise: a fixed loop took ${number(gauge.median)} s (${noise(gauge)})`]),
    takenAt
  ].join('; ')
}

function noise({ minimum, median, maximum }) {
  const percent = (value) => `${value >= median ? '+' : '−'}${Math.abs(Math.round((value / median - 1) * 100))} %`
  return `${percent(minimum)} to ${percent(maximum)}`
}

function cell(value) {
  return String(value).replaceAll('|', '\\|').replaceAll('\n', ' ')
}
