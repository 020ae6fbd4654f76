/** What a terminal obeys although it may stand in a JSON string as it is: DEL and C1 controls, and marks that turn text. */
const OBEYED = /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g

/**
 * A value as JSON on one line that can be shown on a terminal. It means the same as what `JSON.stringify` writes; `replace`
 * is its replacer.
 */
export function jsonText(value: unknown, replace?: (key: string, value: unknown) => unknown): string {
  const text = JSON.stringify(value, replace)
  // Looking first is several times faster, and hardly any text has one.
  return text.search(OBEYED) < 0 ? text : text.replaceAll(OBEYED, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
