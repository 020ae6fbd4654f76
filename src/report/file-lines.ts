import { createReadStream } from 'node:fs'

/** A line of a file, without its line feed. */
export interface Line {
  /** Counted from 1 at the place where reading began. */
  readonly number: number
  readonly text: string
  /** Offsets in bytes; `end` is behind the line feed. */
  readonly start: number
  readonly end: number
}

/** Bytes from `start` up to and without `end`. */
export interface FilePart {
  readonly start: number
  readonly end: number
}

const LINE_FEED = 0x0a
const READ_BYTES = 1_048_576
/** JavaScript has no text of more than 2^29 characters; a line that comes near it is no line of a report. */
const MOST_LINE_BYTES = 268_435_456

/**
 * The lines of a file, ended by line feeds and by nothing else: JSON has other line separators inside its texts. What
 * follows the last line feed is a line as well, unless it is empty.
 */
export async function* linesOf(path: string, part: Partial<FilePart> = {}): AsyncGenerator<Line, void> {
  const { start: from = 0, end: to = Number.POSITIVE_INFINITY } = part
  if (from >= to) return
  const cutter = new LineCutter(from)
  const bytes = createReadStream(path, { start: from, end: to - 1, highWaterMark: READ_BYTES })
  for await (const chunk of bytes) yield* cutter.push(chunk as Buffer)
  yield* cutter.rest()
}

class LineCutter {
  #pieces: Buffer[] = []
  #held = 0
  #start: number
  #number = 0

  constructor(start: number) {
    this.#start = start
  }

  *push(chunk: Buffer): Generator<Line, void> {
    let at = 0
    for (let feed = chunk.indexOf(LINE_FEED); feed !== -1; feed = chunk.indexOf(LINE_FEED, at)) {
      this.#hold(chunk.subarray(at, feed))
      yield this.#line(1)
      at = feed + 1
    }
    this.#hold(Buffer.from(chunk.subarray(at)))
  }

  *rest(): Generator<Line, void> {
    if (this.#held > 0) yield this.#line(0)
  }

  #hold(piece: Buffer): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#held += piece.length
    if (this.#held > MOST_LINE_BYTES) throw new RangeError(`line ${this.#number + 1} is too long`)
  }

  #line(feed: number): Line {
    const text = Buffer.concat(this.#pieces).toString('utf8')
    const [start, end] = [this.#start, this.#start + this.#held + feed]
    this.#number++
    this.#start = end
    this.#pieces = []
    this.#held = 0
    return { number: this.#number, text, start, end }
  }
}
