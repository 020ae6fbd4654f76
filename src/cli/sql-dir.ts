import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MmauditError, messageOf } from '../model/errors.js'
import type { MasterScript } from '../model/repair.js'
import { AtomicFile } from '../report/atomic-file.js'
import { type ScriptAbout, scriptLines } from '../sql/repair-script.js'

/**
 * Writes a script for each master into `folder`, and the same for each replica below it that local writes do not reach.
 * @returns the paths, as people know them.
 */
export async function writeScripts(
  scripts: readonly MasterScript[],
  folder: string,
  cwd: string,
  about: (script: MasterScript) => ScriptAbout
): Promise<readonly string[]> {
  await mkdir(resolve(cwd, folder), { recursive: true, mode: 0o700 }).catch((cause) => {
    throw new MmauditError('usage', `--sql-dir ${folder}: ${messageOf(cause)}`, { cause })
  })
  const written: string[] = []
  for (const script of scripts) {
    for (const name of namesOf(script)) {
      const path = join(folder, name)
      await writeScript(script, resolve(cwd, path), path, about(script))
      written.push(path)
    }
  }
  return written
}

function namesOf({ master, replicas }: MasterScript): readonly string[] {
  return [`${master}.sql`, ...replicas.map(({ serverId }) => `${master}.replica-${serverId}.sql`)]
}

async function writeScript(script: MasterScript, path: string, named: string, about: ScriptAbout): Promise<void> {
  const file = await AtomicFile.create(path, named)
  try {
    for (const line of scriptLines(script, about)) await file.write(`${line}\n`)
    await file.commit()
  } catch (error) {
    await file.discard()
    throw error
  }
}
