import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Server programs are not on the PATH of every user. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin']

/** Where servers and data folders that every lab can use again are kept. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mmaudit')
}

/** The folders to look in for a server, in order. */
export function programFolders(): readonly string[] {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...new Set([...path, ...SERVER_FOLDERS])]
}

/** The environment of a program we run: this one's, in English, and with `extra`. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', ...extra }
}
