import { allSame } from '../model/chunk.js'
import type { Part } from './sections.js'

/** Rows of differing parts that are compared after the masters caught up once; those that differ are held whole. */
const PIECE_ROWS = 16_384
/**
 * Chunks that are compared together, from the first that differs on. What is asked of the masters once for each piece costs
 * more than reading again the little that mostly differs; but what differs is told, and a checkpoint moves on, only then.
 */
const PIECE_CHUNKS = 4

/** Neighbouring parts that are compared together. */
export interface Piece {
  readonly parts: readonly Part[]
  /** The chunks of which these are the last parts, each with all of its parts. */
  readonly ended: readonly (readonly Part[])[]
}

/**
 * The parts of chunks in portions, each with as many differing rows as are compared at once. A piece that holds the end of a
 * chunk ends with one, so that all counts are those of the rows up to there.
 */
export async function* pieces(chunks: AsyncIterable<readonly Part[]>): AsyncGenerator<Piece, void> {
  let piece = new Gathered()
  for await (const chunk of chunks) {
    if (piece.ended.length > 0 && !piece.hasRoomFor(chunk)) {
      yield piece
      piece = new Gathered()
    }
    for (const part of chunk) {
      if (!piece.hasRoomFor([part])) {
        yield piece
        piece = new Gathered()
      }
      piece.add(part)
    }
    piece.ended.push(chunk)
    if (piece.differing === 0 || piece.ended.length === PIECE_CHUNKS) {
      yield piece
      piece = new Gathered()
    }
  }
  if (piece.parts.length > 0) yield piece
}

class Gathered implements Piece {
  readonly parts: Part[] = []
  readonly ended: (readonly Part[])[] = []
  /** Rows of the parts that differ. */
  differing = 0

  add(part: Part): void {
    this.parts.push(part)
    this.differing += differingRows(part)
  }

  /** A single part is compared at once, however large it is. */
  hasRoomFor(parts: readonly Part[]): boolean {
    const rows = parts.reduce((sum, part) => sum + differingRows(part), 0)
    return this.differing === 0 || this.differing + rows <= PIECE_ROWS
  }
}

function differingRows({ digests }: Part): number {
  return allSame(digests) ? 0 : Math.max(...digests.map((digest) => digest.rows))
}
