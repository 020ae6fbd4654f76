import type { SqlValue } from '../model/value.js'
import { ellipsize, widthOf } from './layout.js'
import { spelledOut, visible } from './text.js'

/** Texts that would be taken for something else, or whose end could not be seen, are put in quotes. */
const NEEDS_QUOTES = /^(?:NULL|\(missing\)|0x[0-9A-F]*)?$|^\s|\s$|^'.*'$/

/** How much of what is equal stands before the first difference, as a part of the width. */
const CONTEXT = 1 / 3

/** Long texts are compared in pieces of this length first, which is a hundred times faster than by characters. */
const PIECE = 4096

/**
 * The values of one column, side by side, each no wider than `width`: long ones are shortened around the first
 * difference, the same part of each.
 */
export function showTogether(values: readonly SqlValue[], width: number): string[] {
  const texts = values.map(textOf)
  const start = startOf(texts, width)
  const shown = texts.map((text) => shorten(text, start, width, visible))
  if (new Set(shown).size === new Set(texts).size) return shown
  return texts.map((text) => shorten(text, start, width, spelledOut))
}

/** One value on one line, at its full length. */
export function showValue(value: SqlValue): string {
  return visible(textOf(value))
}

function textOf(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value !== 'string') return `0x${value.hex.toUpperCase()}`
  return NEEDS_QUOTES.test(value) ? `'${value}'` : value
}

function startOf(texts: readonly string[], width: number): number {
  // More code units than columns cannot be told from the width alone, but looking at all of a long text would be slow.
  const long = texts.some((text) => text.length > width || widthOf(visible(text)) > width)
  if (!long) return 0
  const start = Math.max(0, firstDifference(texts) - Math.floor(width * CONTEXT))
  return Number.isFinite(start) ? start : 0
}

function firstDifference(texts: readonly string[]): number {
  const [first = '', ...others] = texts
  const shortest = Math.min(...texts.map((text) => text.length))
  const isEqual = (from: number) => {
    const piece = first.slice(from, from + PIECE)
    return others.every((other) => other.slice(from, from + PIECE) === piece)
  }
  let begin = 0
  while (begin < shortest && isEqual(begin)) begin += PIECE
  for (let at = begin; at < shortest; at++) {
    const code = first.charCodeAt(at)
    if (others.some((other) => other.charCodeAt(at) !== code)) return at
  }
  return texts.some((text) => text.length !== shortest) ? shortest : 0
}

function shorten(text: string, start: number, width: number, show: (text: string) => string): string {
  const from = splitsPair(text, start) ? start - 1 : start
  const before = from > 0 ? '…' : ''
  // Every character takes at most two code units or is made visible, so this much of the text fills the width.
  const end = from + width * 2
  const window = show(text.slice(from, end)) + (end < text.length ? '…' : '')
  return before + ellipsize(window, width - before.length)
}

function splitsPair(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff
}
