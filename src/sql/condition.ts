/** What a condition is made of, as far as it can end the parentheses that it is put in. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\/\*.*?\*\/|(?:--\s|#)[^\n]*|./gs

/**
 * Whether a condition can stand in parentheses beside others without changing what those mean: its own parentheses are
 * balanced, its quotes are closed, and no comment holds SQL that the server would run. `a) OR (b` would widen every key range that it is joined with.
 */
export function isSelfContained(condition: string): boolean {
  let depth = 0
  for (const [token] of condition.matchAll(TOKEN)) {
    if (token === '(') depth++
    if (token === ')') depth--
    // A quote or comment sign left over as a token of its own was not closed.
    if (depth < 0 || /^['"`]$/.test(token) || token === ';' || token.startsWith('/*!')) return false
  }
  // A comment that is not closed swallows our parenthesis, and the server refuses that.
  return depth === 0
}
