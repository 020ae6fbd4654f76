/** Controls, invisible marks that turn or hide text, line separators, and blanks that only look like a space. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u00A0\u1680\u2000-\u200A\u202F\u205F]/gu
const NOT_ASCII = /[^\x20-\x7E]/gu

/** Where Unicode keeps a picture of each of the first 32 control characters. */
const CONTROL_PICTURES = 0x2400
const DELETE = 0x7f
const DELETE_PICTURE = '\u2421'

/**
 * The text with everything unseen made visible, so that data can neither command a terminal nor hide a difference: a line
 * feed becomes `␊`, an escape `␛`, a zero-width space `<U+200B>`.
 */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, picture)
}

/** With every character beyond ASCII told by its number, controls by their pictures: for texts that look alike and are not. */
export function spelledOut(text: string): string {
  return text.replaceAll(NOT_ASCII, picture)
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code)
  if (code === DELETE) return DELETE_PICTURE
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}

/** `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** The text as one word of a command line, to be copied into a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
