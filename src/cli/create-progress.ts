import { createStyle } from '../report/style.js'
import type { Io } from './io.js'
import type { Log } from './log.js'
import { type Presentation, wantsColour } from './presentation.js'
import { noProgress, type ProgressView } from './progress.js'
import { ProgressBar } from './progress-bar.js'
import { ProgressLines } from './progress-lines.js'

/** A bar where somebody watches, lines where a log is kept, nothing where it is not wanted. */
export function createProgress(presentation: Presentation, log: Log, io: Io): ProgressView {
  const { progress, logFormat, colour } = presentation
  const now = () => performance.now()
  if (progress === 'never') return noProgress
  if (logFormat === 'json') return new ProgressLines(log, now)
  const watched = io.stderr.isTTY === true && io.env.TERM !== 'dumb'
  if (!watched && progress === 'auto') return new ProgressLines(log, now)
  return new ProgressBar(io.stderr, createStyle(wantsColour(colour, io.stderr, io.env)), now)
}
