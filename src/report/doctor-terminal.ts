import { countFindings, type Diagnosis, type Finding, type Severity } from '../model/doctor.js'
import { layOut, left } from './grid.js'
import { ellipsize, widthOf, wrap } from './layout.js'
import { mastersSection } from './masters-section.js'
import { counted } from './numbers.js'
import { mendLines, stoppedSection } from './stopped-section.js'
import { createStyle, type Paint, type Style } from './style.js'
import { listed, visible } from './text.js'

const INDENT = '  '
const LABEL = 9
const NARROWEST_WHAT = 20

/** How a diagnosis is to look. */
export interface DoctorView {
  readonly colour: boolean
  readonly width: number
  /** Only the verdict, and not even that when nothing has to be mended. */
  readonly quiet: boolean
}

/** The lines that tell people what is wrong with their masters: all findings in a table, then each with what mends it. */
export function doctorLines(
  { masters, findings, stopped }: Diagnosis,
  { colour, width, quiet }: DoctorView
): readonly string[] {
  const style = createStyle(colour)
  if (quiet) return isHealthy(findings) ? [] : [verdict(findings, style)]
  const sections = [
    mastersSection(masters, style, width),
    overview(findings, style, width),
    ...findings.map((finding) => details(finding, style, width)),
    ...stopped.map((each) =>
      stoppedSection(
        each,
        masters.map(({ name }) => name),
        style,
        width
      )
    ),
    [verdict(findings, style)]
  ]
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section) => [...section, ''])
    .slice(0, -1)
}

function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ severity }) => severity === 'info')
}

function overview(findings: readonly Finding[], style: Style, width: number): readonly string[] {
  if (findings.length === 0) return []
  const known = findings.map(({ severity, id, masters }) => [severity, id, visible(masters.join(', '))])
  const used = [0, 1, 2].reduce((sum, at) => sum + Math.max(...known.map((row) => widthOf(row[at] ?? ''))) + 2, 2)
  const room = Math.max(NARROWEST_WHAT, width - used)
  const rows = findings.map((finding) => [
    left(finding.severity, paintOf(finding.severity, style)),
    left(finding.id, style.strong),
    left(visible(finding.masters.join(', '))),
    left(ellipsize(visible(finding.what), room))
  ])
  return [style.strong('Findings'), ...layOut(rows, Math.max(width, used + room))]
}

function details(finding: Finding, style: Style, width: number): readonly string[] {
  const { id, severity, masters, what, cause, danger, advice, mend } = finding
  const title = `${style.strong(paintOf(severity, style)(id))}  ${style.faint(`${severity} on ${visible(listed(masters))}`)}`
  return [
    title,
    ...wrap(visible(what), width, INDENT),
    ...labelled('cause', cause, style, width),
    ...labelled('danger', danger, style, width),
    ...(advice === null ? [] : labelled('advice', advice, style, width)),
    ...mendLines(mend, style)
  ]
}

function labelled(label: string, text: string, style: Style, width: number): readonly string[] {
  const indent = ' '.repeat(INDENT.length + LABEL)
  const [first = '', ...rest] = wrap(visible(text), width, indent)
  return [INDENT + style.faint(label.padEnd(LABEL)) + first.slice(indent.length), ...rest]
}

function paintOf(severity: Severity, style: Style): Paint {
  switch (severity) {
    case 'danger':
    case 'unknown':
      return style.bad
    case 'warning':
      return style.warning
    case 'info':
      return style.faint
  }
}

function verdict(findings: readonly Finding[], style: Style): string {
  const { danger, unknown, warning, info } = countFindings(findings)
  const parts = [
    ...(danger > 0 ? [counted(danger, 'danger')] : []),
    ...(unknown > 0 ? [`${counted(unknown, 'thing')} that could not be looked at`] : []),
    ...(warning > 0 ? [counted(warning, 'warning')] : [])
  ]
  const notes = info === 0 ? '' : ` (and ${info} to know)`
  if (parts.length === 0) return style.strong(style.good(`✓ Nothing has to be mended${notes}.`))
  const paint = danger + unknown > 0 ? style.bad : style.warning
  return style.strong(paint(`✗ Found ${listed(parts)}${notes}.`))
}
