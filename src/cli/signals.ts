import type { EndingSignal } from './exit-codes.js'
import type { SignalSource } from './io.js'

const SIGNALS: readonly EndingSignal[] = ['SIGINT', 'SIGTERM']

/** Waits for signals while a command runs. */
export interface SignalWatch {
  /** Aborted by the first signal. */
  readonly abort: AbortSignal
  /** The first signal, or `null`. */
  readonly caught: EndingSignal | null
  /** Gives the signals back to the process. */
  stop(): void
}

/** The first signal asks the command to end; for who asks twice, `onSecond` ends it at once. */
export function watchSignals(
  source: SignalSource,
  onFirst: (signal: EndingSignal) => void,
  onSecond: (signal: EndingSignal) => void
): SignalWatch {
  const controller = new AbortController()
  let caught: EndingSignal | null = null
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      if (caught !== null) return onSecond(signal)
      caught = signal
      onFirst(signal)
      controller.abort()
    }
    source.on(signal, listener)
    return { signal, listener }
  })
  return {
    abort: controller.signal,
    get caught() {
      return caught
    },
    stop() {
      for (const { signal, listener } of listeners) source.off(signal, listener)
    }
  }
}
