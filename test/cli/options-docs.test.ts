import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import { fakeIo } from './fake-io.js'

/** The pages on which the options of a command stand. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'mmaudit diff': ['diff'],
  'mmaudit recheck': ['recheck'],
  'mmaudit repair': ['repair'],
  'mmaudit undo': ['repair'],
  'mmaudit doctor': ['doctor'],
  'mmaudit failover': ['failover'],
  'mmaudit lab up': ['lab'],
  'mmaudit lab diverge': ['lab'],
  'mmaudit lab traffic': ['lab'],
  'mmaudit lab status': ['lab'],
  'mmaudit lab down': ['lab']
}

const commands = new Map(
  commandsOf(
    createProgram(fakeIo(), null, () => {}),
    'mmaudit'
  )
)

function commandsOf(command: Command, name: string): readonly (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[name, command]]
  return command.commands.flatMap((child) => commandsOf(child, `${name} ${child.name()}`))
}

function pageText(page: string): string {
  return readFileSync(new URL(`../../docs/reference/${page}.md`, import.meta.url), 'utf8')
}

function optionsOf(name: string): readonly string[] {
  return (commands.get(name)?.options ?? []).flatMap(({ long }) => long ?? [])
}

test('every command has a page', () => {
  expect([...commands.keys()].sort()).toEqual(Object.keys(PAGES).sort())
})

describe.each(Object.entries(PAGES))('%s', (name, pages) => {
  test('has each of its options on its page', () => {
    const said = new Set(pages.flatMap((page) => pageText(page).match(/--[a-z][a-z-]+/g) ?? []))
    expect(optionsOf(name).filter((option) => !said.has(option))).toEqual([])
  })

  test('has a word on each option and ends its help with examples', () => {
    const command = commands.get(name)
    expect(command?.options.filter(({ description }) => description === '')).toEqual([])
    let help = ''
    command?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    expect(help).toMatch(/\nExamples?:\n {2}\$ mmaudit /)
  })
})

test.each([...new Set(Object.values(PAGES).flat())])('no option on the page %s is made up', (page) => {
  const described = Object.keys(PAGES).filter((name) => PAGES[name]?.includes(page))
  const own = new Set([
    '--help',
    ...described.flatMap(optionsOf),
    ...(page === 'repair' ? optionsOf('mmaudit diff') : [])
  ])
  // Tables of options begin with them; elsewhere a page may speak of options of other commands and other programs.
  const listed = [...pageText(page).matchAll(/^\| ((?:`-[^`]*`(?:, )?)+) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/--[a-z][a-z-]+/g) ?? []
  )
  expect(listed.length).toBeGreaterThan(3)
  expect(listed.filter((option) => !own.has(option))).toEqual([])
})
