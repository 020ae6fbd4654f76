// Puts the compiled command and what it loads into few files: to find and load hundreds of modules takes longer than to audit
// a small table. What only some commands need stays in files of its own. The driver is left as it is installed.
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './setup.mjs'

const bundle = await rolldown({
  input: join(root, 'dist', 'cli', 'main.js'),
  platform: 'node',
  external: [/^mysql2(\/|$)/]
})
await bundle.write({ dir: join(root, 'dist', 'command'), format: 'esm' })
await bundle.close()
