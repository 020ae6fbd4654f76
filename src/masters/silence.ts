/** How often in the time of a silence it is looked whether anything was heard: it is noticed at most this part late. */
const LOOKS = 4

/** A connection, as far as listening to it goes. */
export interface Line {
  /** Bytes that came in so far. */
  heard(): number
  /** Asks the server, on another connection, about the statement under way: `null` while it is executed, else what is wrong. */
  whyNotExecuting(): Promise<string | null>
  /** Ends the connection at once, without a word to the other side. */
  cut(): void
}

/** The peer of a connection went silent, and the server knows of no reason. Counts as a lost connection. */
export class WentSilent extends Error {
  override readonly name = 'WentSilent'
  /** What a connection ends with whose other side does not answer. */
  readonly code = 'ETIMEDOUT'

  constructor(seconds: number, why: string) {
    super(`nothing was heard for ${seconds} s, and ${why}`)
  }
}

/**
 * Does `work` on a connection and listens meanwhile. Neither TCP nor the protocol notices a peer that is gone without a word,
 * as behind a firewall that forgot the connection: whoever waits for it waits for ever. A server may also take its time
 * over a statement, and says nothing then either; so it is asked.
 *
 * @param seconds of silence before the server is asked, and again while it is executing.
 * @throws WentSilent when it is not executing; the connection is cut then, and what `work` makes of that is dropped.
 */
export function listening<Result>(line: Line, seconds: number, work: () => Promise<Result>): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    const stop = listen(line, seconds, (silent) => {
      line.cut()
      reject(silent)
    })
    work().then(resolve, reject).finally(stop)
  })
}

/** Looks for signs of life until it is stopped, or has told that there are none. */
function listen(line: Line, seconds: number, onSilence: (error: WentSilent) => void): () => void {
  let timer: NodeJS.Timeout | null = null
  let [heard, quiet] = [line.heard(), 0]
  const schedule = () => {
    timer = setTimeout(look, (seconds * 1000) / LOOKS)
    timer.unref()
  }
  const look = async () => {
    quiet = line.heard() === heard ? quiet + 1 : 0
    heard = line.heard()
    if (quiet >= LOOKS) {
      const why = await line.whyNotExecuting().catch((error: Error) => error.message)
      if (timer === null) return
      if (why !== null && line.heard() === heard) {
        onSilence(new WentSilent(seconds, why))
        return
      }
      quiet = 0
    }
    schedule()
  }
  schedule()
  return () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
}
