import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { type FileProblem, fileError } from './file-problems.js'
import { fillPlaceholders, hasPlaceholder, maskPlaceholders } from './placeholders.js'

/** Leads from the root of a file to one of its values. */
export type FilePath = readonly PropertyKey[]

/** A YAML file with its placeholders filled, which still knows where everything stands. */
export interface YamlFile {
  /** As the user named it. */
  readonly name: string
  readonly value: unknown
  /** True when a literal text, not a `${VAR}`, stands there. */
  isLiteral(path: FilePath): boolean
  /** Where the value, or its key, stands; for what is missing, where its parent does. */
  locate(path: FilePath, part: 'key' | 'value'): { readonly line: number; readonly column: number }
}

/** Parses a YAML file and fills its placeholders. Every problem is told with its line and column. */
export function parseYaml(name: string, text: string, env: Readonly<Record<string, string | undefined>>): YamlFile {
  const lines = new LineCounter()
  const masked = maskPlaceholders(text)
  const document = parseDocument(masked, { lineCounter: lines, prettyErrors: false })
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const fail = (problems: readonly [number, string][], hint?: string) =>
    fileError(
      name,
      problems.map(([offset, message]): FileProblem => ({ ...position(offset), message })),
      hint
    )

  const malformed = [...document.errors, ...document.warnings]
  if (malformed.length > 0) throw fail(malformed.map((error) => [error.pos[0], explain(error.code, error.message)]))
  const dangling = unresolvedAliases(document)
  if (dangling.length > 0) throw fail(dangling, "quote names that begin with an asterisk: '*.orders'")
  const literals = literalPaths(document)
  const missing = fill(document, masked, env)
  if (missing.length > 0)
    throw fail(missing, 'export the variable before the audit, or write $$ before a brace that is meant literally')

  return {
    name,
    value: toValue(document, () => fail([[0, 'too many aliases']])),
    isLiteral: (path) => literals.has(path.join('\0')),
    locate: (path, part) => position(offsetOf(document.contents, path, part))
  }
}

/** The parser quotes the file in some messages; what it quotes may be a password. */
function explain(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a configuration file holds one document only'
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in the same map'
  if (code === 'TAG_RESOLVE_FAILED') return 'unknown YAML tag; quote a value that begins with an exclamation mark'
  if (code === 'BAD_SCALAR_START') return `${message.trim()}; quote the value`
  return `malformed YAML: ${message.replace(/: "[\s\S]*$/, '').trim()}`
}

function unresolvedAliases(document: Document): [number, string][] {
  const found: [number, string][] = []
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return
      found.push([alias.range?.[0] ?? 0, 'a value that begins with * is an alias in YAML, and there is no such anchor'])
    }
  })
  return found
}

function literalPaths(document: Document): ReadonlySet<string> {
  const found = new Set<string>()
  const walk = (node: unknown, path: readonly string[]) => {
    if (isMap(node)) for (const { key, value } of node.items) walk(value, [...path, keyText(key)])
    else if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, String(index)])
    else if (isScalar(node) && typeof node.value === 'string' && !hasPlaceholder(node.value)) found.add(path.join('\0'))
  }
  walk(document.contents, [])
  return found
}

function fill(document: Document, masked: string, env: Readonly<Record<string, string | undefined>>) {
  const missing: [number, string][] = []
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== 'string') return
      const start = scalar.range?.[0] ?? 0
      const onMissing = (name: string, token: string) =>
        missing.push([masked.indexOf(token, start), `the environment variable ${name} is not set`])
      scalar.value = fillPlaceholders(scalar.value, (name) => env[name], onMissing)
    }
  })
  return missing
}

function toValue(document: Document, tooMany: () => Error): unknown {
  try {
    return document.toJS()
  } catch {
    throw tooMany()
  }
}

function offsetOf(root: Node | null, path: FilePath, part: 'key' | 'value'): number {
  let node: unknown = root
  let offset = startOf(root, 0)
  for (const [depth, step] of path.entries()) {
    const next = childOf(node, step)
    if (next === null) return offset
    const last = depth === path.length - 1
    offset = last && part === 'key' ? startOf(next.key, offset) : startOf(next.value, startOf(next.key, offset))
    node = next.value
  }
  return offset
}

function childOf(node: unknown, step: PropertyKey): { key: unknown; value: unknown } | null {
  if (isMap(node)) return node.items.find(({ key }) => keyText(key) === String(step)) ?? null
  if (isSeq(node)) {
    const value = node.items[Number(step)]
    return value === undefined ? null : { key: value, value }
  }
  return null
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key)
}

function startOf(node: unknown, otherwise: number): number {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0] ?? otherwise
  return otherwise
}
