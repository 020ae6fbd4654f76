// Puts the compiled command and all that it loads into one file: to find and load hundreds of modules takes longer than to
// audit a small table. See `bin/mmaudit.js`, which runs it.
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './setup.mjs'

const dir = join(root, 'dist', 'command')
const bundle = await rolldown({ input: join(root, 'dist', 'cli', 'main.js'), platform: 'node' })
const { output } = await bundle.generate({ format: 'cjs', codeSplitting: false })
await bundle.close()
const [{ code }] = output

// V8 holds text of ASCII in half of the memory, and Node reads it in a fifth of the time.
const ascii = code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
rmSync(dir, { recursive: true, force: true })
mkdirSync(dir)
// It ends with a name for itself, so that what was compiled of another is never taken for what was compiled of this one.
writeFileSync(join(dir, 'mmaudit.cjs'), `${ascii}\n//${createHash('sha256').update(ascii).digest('hex')}`)
