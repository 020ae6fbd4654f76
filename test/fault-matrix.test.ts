import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LASTING, PASSING, SLOW } from './support/fault-cells.js'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const files = readdirSync(new URL('integration', import.meta.url)).filter((name) => name.endsWith('.test.ts'))
const sourceOf = (name: string) => read(`integration/${name}`)

/** Tests that are made of the lines of the matrix in the code. */
const made = [...PASSING, ...SLOW, ...LASTING].map(({ name }) => name)
/** Tests that stand in the files of the matrix: `it('moment: fault'`, or the beginning of a line of `it.each`. */
const written = files
  .filter((name) => name.startsWith('faults'))
  .flatMap((name) => [...sourceOf(name).matchAll(/^ +(?:it\(|\[)'([^']+: [^']+)'/gm)].map(([, title = '']) => title))

const page = read('../docs/reference/faults.md')
/** The tests named in the last cells of the tables. */
const named = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .flatMap((row) => [...(row.split(' | ').at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))

describe('the page of the fault matrix', () => {
  it('has every cell', () => {
    expect(made.length).toBeGreaterThan(40)
    expect(written.length).toBeGreaterThan(15)
    expect([...made, ...written].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  it('names only tests that there are', () => {
    const sources = [...files.map(sourceOf), read('support/kill-points.ts')].join('\n')
    expect(named.length).toBeGreaterThan(made.length)
    expect(named.filter((name) => !made.includes(name) && !sources.includes(`'${name}'`))).toEqual([])
  })
})
