// `npm run bench`: the table of docs/explanation/performance.md, measured on this machine. See --help.
import { writeFileSync } from 'node:fs'
import { root, setUp } from '../bin/setup.mjs'
import { HELP, parseOptions } from './options.mjs'

const options = parseOptions(process.argv.slice(2))
if (options.help) {
  console.log(HELP)
} else {
  if (!options.built) setUp()
  process.exitCode = await main()
}

/** 2 when something could not be measured; falling short of a target is a result. */
async function main() {
  const say = (line) => console.error(line)
  const { measureAll } = await import('./bench.mjs')
  const { machine } = await import('./output/machine.mjs')
  const { markdown, plain } = await import('./output/table.mjs')
  const result = {
    version: 1,
    ...machine(root),
    settings: options.settings,
    ...(await measureAll({ ...options, say }))
  }
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
  console.log(options.markdown ? markdown(result) : plain(result))
  return result.lines.some(({ verdict }) => verdict === 'not measured') ? 2 : 0
}
