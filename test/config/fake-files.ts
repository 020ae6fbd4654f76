import type { Files } from '../../src/config/files.js'

/** A disk in memory. */
export function fakeFiles(texts: Readonly<Record<string, string>>, exposed: readonly string[] = []): Files {
  return {
    read: (path) => texts[path] ?? null,
    readableByOthers: (path) => exposed.includes(path)
  }
}
