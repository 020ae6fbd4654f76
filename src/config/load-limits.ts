import type { LoadLimit } from '../model/config.js'
import type { Parser } from './parse.js'

const LIMIT = /^([A-Za-z][A-Za-z0-9_]*)\s*=\s*(\d+\.?\d*)$/

/** `Threads_running=25`, several with commas between; `off` for none. The last one counts for a variable named twice. */
export const loadLimits: Parser<readonly LoadLimit[]> = (text) => {
  if (text.trim().toLowerCase() === 'off') return { value: [] }
  const limits = new Map<string, LoadLimit>()
  for (const part of text.split(',')) {
    const [, variable, most] = LIMIT.exec(part.trim()) ?? []
    if (variable === undefined) {
      return { problem: 'must be a status variable and its highest value, such as Threads_running=25, or off' }
    }
    limits.set(variable.toLowerCase(), { variable, most: Number(most) })
  }
  return { value: [...limits.values()] }
}
