import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documentedFindings } from './documented.js'

const root = new URL('../../', import.meta.url).pathname

function idsIn(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, id = '']) => id)
}

test('every finding is documented, and nothing is that cannot be found', () => {
  const folders = ['src/doctor', 'src/doctor/checks']
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, folder, name), 'utf8'))
  )
  const found = sources.flatMap((text) => idsIn(text, /(?:finding\(\s*|\bid: )'([a-z-]+)'/g))
  expect(documentedFindings().toSorted()).toEqual([...new Set(found)].toSorted())
})
