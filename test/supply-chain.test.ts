import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Licences that ask for nothing but their own text and do not spread. A new one is a decision, not an accident. */
const ALLOWED = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'])

interface Locked {
  readonly version: string
  readonly license?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
const lock: Readonly<Record<string, Locked>> = JSON.parse(read('package-lock.json')).packages
const direct: readonly string[] = Object.keys(JSON.parse(read('package.json')).dependencies)

/** Where npm finds a package from inside another: the nearest folder upwards. */
function locate(from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (lock[place] !== undefined) return place
    if (folder === '') throw new Error(`${name}, which ${from} needs, is not locked`)
  }
}

/** Everything that is installed with mmaudit: what it depends on, and what that depends on. */
function runtime(): ReadonlyMap<string, Locked> {
  const found = new Map<string, Locked>()
  const open = direct.map((name) => locate('', name))
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const locked = lock[place]
    if (locked === undefined || found.has(place)) continue
    found.set(place, locked)
    const { dependencies, optionalDependencies } = locked
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) open.push(locate(place, name))
  }
  return found
}

const packages = [...runtime()].map(([place, locked]) => ({ name: place.replace(/^.*node_modules\//, ''), ...locked }))

test('every package that is installed with mmaudit has a licence of the list', () => {
  expect(packages.filter(({ license = 'none' }) => !ALLOWED.has(license)).map(({ name }) => name)).toEqual([])
})

test('every package that is installed with mmaudit is locked to its contents', () => {
  expect(packages.filter(({ integrity = '' }) => !integrity.startsWith('sha512-')).map(({ name }) => name)).toEqual([])
})

test('no package that is installed with mmaudit runs a program while it is installed', () => {
  expect(packages.filter(({ hasInstallScript = false }) => hasInstallScript).map(({ name }) => name)).toEqual([])
})

test('the documentation lists every package that is installed with mmaudit, its version and its licence', () => {
  const lines = read('docs/reference/dependencies.md').matchAll(/^\| `([^`]+)` \| (\S+) \| (\S+) \|/gm)
  const listed = [...lines].map(([, name, version, license]) => `${name} ${version} ${license}`)
  const installed = packages.map(({ name, version, license }) => `${name} ${version} ${license}`)
  expect(listed.toSorted()).toEqual(installed.toSorted())
})
