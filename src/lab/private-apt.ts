import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MmauditError } from '../model/errors.js'
import { runProgram } from './children.js'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Servers run without it, and it is the largest thing that their packages ask for. */
const UNNEEDED = /^(perl|libperl)/

const MIRROR_HINT =
  'this needs a Debian machine whose package mirror can be reached; name a server of your own with --server <path>'

/** What to unpack: packages of a Debian suite, with the libraries they need. */
export interface PrivatePackages {
  readonly suite: string
  readonly packages: readonly string[]
  /** Leaves out what they depend on: for a few files to look at, not for programs to run. */
  readonly alone?: boolean
}

/**
 * Unpacks Debian packages and all they depend on into `folder`, beside the system and without touching it. The package
 * manager does the work with a state of its own, as if nothing were installed, so the copy brings its own C library along.
 * The folder appears complete or not at all.
 */
export async function unpackPackages(wanted: PrivatePackages, folder: string): Promise<void> {
  await mkdir(join(folder, '..'), { recursive: true })
  const draft = await mkdtemp(`${folder}.tmp-`)
  try {
    const apt = await privateState(draft, wanted.suite)
    await runProgram('apt-get', [...apt, 'update'], { hint: MIRROR_HINT })
    const packages = wanted.alone === true ? wanted.packages : await dependenciesOf(apt, wanted.packages)
    await download(apt, packages, join(draft, 'debs'))
    await extract(join(draft, 'debs'), join(draft, 'root'))
    await rename(join(draft, 'root'), folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function privateState(draft: string, suite: string): Promise<readonly string[]> {
  const folders = ['lists/partial', 'cache/archives/partial', 'debs', 'root']
  for (const folder of folders) await mkdir(join(draft, folder), { recursive: true })
  await writeFile(join(draft, 'status'), '')
  await writeFile(join(draft, 'sources.list'), `deb [signed-by=${KEYRING}] ${await mirror()} ${suite} main\n`)
  const settings = {
    'Dir::Etc::SourceList': join(draft, 'sources.list'),
    'Dir::Etc::SourceParts': '-',
    'Dir::Etc::Preferences': '-',
    'Dir::Etc::PreferencesParts': '-',
    'Dir::State': draft,
    'Dir::State::Lists': join(draft, 'lists'),
    'Dir::State::status': join(draft, 'status'),
    'Dir::Cache': join(draft, 'cache'),
    // The user that apt downloads as by default cannot write below a private folder.
    'APT::Sandbox::User': 'root'
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/** The mirror that this machine itself uses. */
async function mirror(): Promise<string> {
  const listed = await runProgram(
    'apt-get',
    ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Origin: Debian', 'Label: Debian'],
    { hint: MIRROR_HINT }
  )
  const uri = listed.split('\n')[0]?.trim() ?? ''
  if (uri === '') {
    throw new MmauditError('incomplete', 'apt knows no Debian mirror', {
      hint: `run \`apt-get update\`; ${MIRROR_HINT}`
    })
  }
  return uri
}

async function dependenciesOf(apt: readonly string[], packages: readonly string[]): Promise<readonly string[]> {
  const simulation = [...apt, '--simulate', 'install', '--no-install-recommends', ...packages]
  const plan = await runProgram('apt-get', simulation, { hint: MIRROR_HINT })
  return installedBy(plan)
}

/** The packages that a simulated `apt-get install` would install, without those that a server can do without. */
export function installedBy(plan: string): readonly string[] {
  return [...plan.matchAll(/^Inst (\S+)/gm)].map((found) => found[1] ?? '').filter((name) => !UNNEEDED.test(name))
}

async function download(apt: readonly string[], packages: readonly string[], folder: string): Promise<void> {
  await runProgram('apt-get', [...apt, 'download', ...packages], { cwd: folder, hint: MIRROR_HINT })
}

async function extract(debs: string, root: string): Promise<void> {
  for (const file of await readdir(debs)) await runProgram('dpkg-deb', ['-x', join(debs, file), root])
}
