/**
 * `${VAR}` in a YAML file. The braces would be flow maps to a YAML parser, and a value put in before parsing could bring
 * YAML of its own. So each placeholder is masked by characters that mean nothing to YAML, one for one, which keeps every
 * line and column; the values are filled into the parsed strings afterwards. `$${VAR}` stands for `${VAR}` itself.
 */

/** Stand-ins for `$`, `{`, `}` and the escaping `$`, from the private use area of Unicode. */
const DOLLAR = '\uE000'
const OPEN = '\uE001'
const CLOSE = '\uE002'
const ESCAPE = '\uE003'

const PLACEHOLDER = /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
const MASKED = /(\uE003?)\uE000\uE001([A-Za-z_][A-Za-z0-9_]*)\uE002/g

/** Makes the placeholders harmless to a YAML parser without moving anything. */
export function maskPlaceholders(text: string): string {
  return text.replaceAll(PLACEHOLDER, (_, escaping: string, name: string) => {
    return `${escaping === '' ? '' : ESCAPE}${DOLLAR}${OPEN}${name}${CLOSE}`
  })
}

/** Fills the placeholders of one parsed string. A variable that `lookUp` does not know is told to `onMissing`. */
export function fillPlaceholders(
  masked: string,
  lookUp: (name: string) => string | undefined,
  onMissing: (name: string, token: string) => void
): string {
  return masked.replaceAll(MASKED, (token, escaping: string, name: string) => {
    if (escaping !== '') return `\${${name}}`
    const value = lookUp(name)
    if (value === undefined) onMissing(name, token)
    return value ?? ''
  })
}

/** True when a parsed string holds a placeholder to be filled. */
export function hasPlaceholder(masked: string): boolean {
  return masked.includes(DOLLAR + OPEN)
}
