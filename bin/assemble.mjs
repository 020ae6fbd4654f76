// Compiles what is done for every row to WebAssembly, and writes it where it is loaded from. The result is kept with the
// sources, so that only those who change it need the compiler. With --check, nothing is written: the two are compared.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'
import { root } from './setup.mjs'

const SOURCE = 'src/wire/assembly/row-loop.ts'
/**
 * Memory is as much as the program divides among state and input, in pages of 64 KB. The runtime for allocating it is the
 * one that does nothing, because the program allocates nothing.
 */
const OPTIONS = ['-O3', '--runtime', 'stub', '--noAssert', '--initialMemory', '7', '--maximumMemory', '7']

const TARGET = join(root, 'src', 'wire', 'row-loop-code.ts')

const written = new Map()
const { error, stderr } = await asc.main([SOURCE, '--outFile', 'code', ...OPTIONS], {
  baseDir: root,
  writeFile: (name, contents) => written.set(name, contents)
})
if (error !== null) throw new Error(stderr.toString(), { cause: error })
const code = Buffer.from(written.get('code')).toString('base64')
const module = `/** \`assembly/row-loop.ts\` as WebAssembly, written by \`npm run assemble\`. */\nexport const ROW_LOOP =\n  '${code}'\n`
if (!process.argv.includes('--check')) writeFileSync(TARGET, module)
else if (readFileSync(TARGET, 'utf8') !== module) {
  console.error(`${TARGET} is not what ${SOURCE} compiles to: run npm run assemble`)
  process.exitCode = 1
}
