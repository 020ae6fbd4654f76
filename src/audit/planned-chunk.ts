import type { Chunk } from '../model/chunk.js'
import type { Part } from './sections.js'

/** A chunk that every master can be asked for. */
export interface PlannedChunk extends Chunk {
  /** Reads it, or what is left to be read of it, and divides it where the masters differ. */
  readonly digest: () => Promise<DigestedChunk>
}

interface DigestedChunk {
  readonly parts: readonly Part[]
  /** What reading it took on the slowest master. */
  readonly seconds: number
}

/** @param started of `performance.now()`. */
export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}
