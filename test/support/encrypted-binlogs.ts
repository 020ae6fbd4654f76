import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ServerBinary } from '../../src/lab/server-binary.js'
import { mariadbPlugins } from './mariadb-plugins.js'
import type { Equip } from './own-server.js'

const KEYRING = 'component_keyring_file'

/** Servers of this kind whose binlogs are encrypted on disk; `null` where the plugin that keeps their keys cannot be had. */
export async function encryptedBinlogs(kind: string): Promise<Equip | null> {
  if (kind.startsWith('mysql')) return withKeyring
  const plugins = await mariadbPlugins(kind)
  return plugins === null ? null : (binary, folder) => withKeyFile(binary, folder, plugins)
}

/** MySQL looks for the component beside the program, and for its settings beside the component. */
async function withKeyring(binary: ServerBinary, folder: string): Promise<ServerBinary> {
  const own = binary.flags.find((flag) => flag.startsWith('--plugin-dir='))?.slice('--plugin-dir='.length) ?? ''
  const [programs, plugins] = [join(folder, 'sbin'), join(folder, 'plugin')]
  const program = binary.command.at(-1) ?? ''
  const beside = join(programs, basename(program))
  for (const each of [programs, plugins]) await mkdir(each)
  await symlink(program, beside)
  await symlink(join(own, `${KEYRING}.so`), join(plugins, `${KEYRING}.so`))
  await writeFile(`${beside}.my`, JSON.stringify({ components: `file://${KEYRING}` }))
  await writeFile(join(plugins, `${KEYRING}.cnf`), JSON.stringify({ path: join(folder, 'keys'), read_only: false }))
  const flags = [...binary.flags, `--plugin-dir=${plugins}`, '--binlog-encryption=ON']
  return { ...binary, command: [...binary.command.slice(0, -1), beside], flags }
}

async function withKeyFile(binary: ServerBinary, folder: string, plugins: string): Promise<ServerBinary> {
  const keys = join(folder, 'keys')
  await writeFile(keys, `1;${'5a'.repeat(32)}\n`)
  const flags = [`--plugin-dir=${plugins}`, '--plugin-load-add=file_key_management', '--encrypt-binlog=1']
  return { ...binary, flags: [...binary.flags, ...flags, `--loose-file-key-management-filename=${keys}`] }
}
