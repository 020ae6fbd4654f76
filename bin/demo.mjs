// `npm run demo`: two real masters in a circle, every kind of divergence, an audit. With `--keep` the masters stay up.
import { join } from 'node:path'
import { root, run, setUp } from './setup.mjs'

const keep = process.argv.includes('--keep')
const lab = join(root, 'mmaudit-lab')
const mmaudit = (...args) => {
  console.log(`\n$ mmaudit ${args.map((arg) => arg.replace(lab, 'mmaudit-lab')).join(' ')}\n`)
  return run(process.execPath, [join(root, 'bin', 'mmaudit.js'), ...args])
}
const must = (status, expected = 0) => {
  if (status === expected) return
  mmaudit('lab', 'down', '--dir', lab)
  process.exit(status || 1)
}

setUp()
must(mmaudit('lab', 'up', '--install', '--dir', lab))
console.log('\nBoth masters hold the same rows:')
must(mmaudit('diff', '--config', join(lab, 'mmaudit.yaml')))
console.log('\nNow they diverge, the way masters do:')
must(mmaudit('lab', 'diverge', '--dir', lab))
console.log('\nAnd the audit names every row (its exit status is 1: divergence was found):')
must(mmaudit('diff', '--config', join(lab, 'mmaudit.yaml')), 1)
if (keep) {
  console.log('\nThe masters stay up; end them with: node bin/mmaudit.js lab down')
} else {
  must(mmaudit('lab', 'down', '--dir', lab))
  console.log('\nTo keep the masters up and look around: npm run demo -- --keep')
}
