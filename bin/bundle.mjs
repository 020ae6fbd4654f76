// Puts the compiled command and what it loads into few files: to find and load hundreds of modules takes longer than to audit
// a small table. What only some commands need stays in files of its own. The driver is left as it is installed.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './setup.mjs'

const dir = join(root, 'dist', 'command')
// The files have other names each time that something in them has changed.
rmSync(dir, { recursive: true, force: true })
const bundle = await rolldown({
  input: join(root, 'dist', 'cli', 'main.js'),
  platform: 'node',
  external: [/^mysql2(\/|$)/]
})
await bundle.write({ dir, format: 'esm' })
await bundle.close()
