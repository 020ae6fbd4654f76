import { readFileSync } from 'node:fs'

/** The ids of all findings that docs/reference/doctor.md tells of. */
export function documentedFindings(): readonly string[] {
  const page = readFileSync(new URL('../../docs/reference/doctor.md', import.meta.url), 'utf8')
  const [, findings = ''] = page.split('## Findings')
  const tables = findings.split('## Stopped appliers')[0] ?? ''
  return [...tables.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id = '']) => id)
}
