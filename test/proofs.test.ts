import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkDiverge } from '../src/lab/diverge/options.js'
import { labScenarios } from '../src/lab/index.js'

const root = new URL('.', import.meta.url).pathname
const rows = readFileSync(join(root, '../docs/reference/proofs.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
  .map((line) => line.split('|').slice(1, -1))

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('proofs'))
  .map((name) => readFileSync(join(root, name), 'utf8'))
  .join('\n')

function quoted(text = ''): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
}

describe('the page of proofs', () => {
  test('names a test for each promise, and only tests that there are', () => {
    expect(rows.length).toBeGreaterThan(30)
    expect(rows.filter((cells) => quoted(cells[2]).length === 0)).toEqual([])
    expect(rows.flatMap((cells) => quoted(cells[2])).filter((title) => !sources.includes(`'${title}'`))).toEqual([])
  })

  test('names only what a lab can make', () => {
    const made = rows.flatMap((cells) => quoted(cells[1]))
    const scenarios = new Set(labScenarios().map(({ name }) => name))
    const named = (option: string) =>
      made.filter((each) => each.startsWith(option)).map((each) => each.slice(option.length))
    expect(named('--scenario ').filter((name) => !scenarios.has(name))).toEqual([])
    for (const name of named('--class ')) expect(checkDiverge({ dir: '', class: name }).hows.length).toBe(1)
  })
})
