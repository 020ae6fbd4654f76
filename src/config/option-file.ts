/** What an option file of the mysql client says about logging in. */
export interface OptionFile {
  readonly values: Readonly<Partial<Record<OptionName, string>>>
  readonly warnings: readonly string[]
}

/** The options that are read; all others of the file are for other programs. */
type OptionName = 'user' | 'password' | 'host' | 'port' | 'socket' | 'ssl-mode' | 'ssl-ca' | 'ssl-cert' | 'ssl-key'

const NAMES = new Set<string>([
  'user',
  'password',
  'host',
  'port',
  'socket',
  'ssl-mode',
  'ssl-ca',
  'ssl-cert',
  'ssl-key'
])

/** In order: a later group goes before an earlier one, wherever they stand in the file. */
const GROUPS = ['client', 'mmaudit']

/** The escapes that the servers' own parser knows; a backslash before anything else stays. */
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  r: '\r',
  s: ' ',
  '\\': '\\',
  '"': '"',
  "'": "'"
}

/** Reads the groups `[client]` and `[mmaudit]` by the rules of the mysql client. `name` is for warnings. */
export function parseOptionFile(name: string, text: string): OptionFile {
  const groups = new Map<string, Partial<Record<OptionName, string>>>()
  const warnings: string[] = []
  let group = ''
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = withoutComment(raw).trim()
    if (/^!include(dir)?\b/.test(line)) {
      warnings.push(`${name}:${index + 1}: !include is not supported; name the included file as defaultsFile instead`)
    }
    const header = /^\[(.+)\]$/.exec(line)
    if (header !== null) group = header[1]?.trim() ?? ''
    else if (GROUPS.includes(group)) groups.set(group, { ...groups.get(group), ...readOption(line) })
  }
  return { values: Object.assign({}, ...GROUPS.map((wanted) => groups.get(wanted))), warnings }
}

function readOption(line: string): Partial<Record<OptionName, string>> {
  const equals = line.indexOf('=')
  // An option without a value means "ask me" for a password and nothing for the others.
  if (equals < 0) return {}
  const option = line.slice(0, equals).trim().replaceAll('_', '-')
  return NAMES.has(option) ? { [option]: unquote(line.slice(equals + 1).trim()) } : {}
}

/** A line up to its comment: quoted strings, and anything but a `#`. */
const BEFORE_COMMENT = /^(?:"(?:\\.|[^"\\])*(?:"|$)|'(?:\\.|[^'\\])*(?:'|$)|[^"'#])*/

/** A `#` outside quotes ends the line; a `;` only counts as its first character. */
function withoutComment(line: string): string {
  if (/^\s*[;#]/.test(line)) return ''
  return BEFORE_COMMENT.exec(line)?.[0] ?? line
}

function unquote(value: string): string {
  const quote = value[0]
  const quoted = value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote)
  const inner = quoted ? value.slice(1, -1) : value
  return inner.replaceAll(/\\(.)/g, (both, character: string) => ESCAPES[character] ?? both)
}
