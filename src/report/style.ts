import picocolors from 'picocolors'

/** Paints text; the text itself is never changed. */
export type Paint = (text: string) => string

/** The few meanings that colour has in a report. Each also has a sign or a word, for those who see none. */
export interface Style {
  readonly strong: Paint
  readonly faint: Paint
  readonly good: Paint
  readonly bad: Paint
  readonly warning: Paint
}

/** Leaves everything as it is, or paints for a terminal. */
export function createStyle(colour: boolean): Style {
  const { bold, dim, green, red, yellow } = picocolors.createColors(colour)
  return { strong: bold, faint: dim, good: green, bad: red, warning: yellow }
}
