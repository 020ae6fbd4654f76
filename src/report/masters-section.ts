import type { MasterInfo } from '../model/master.js'
import { layOut, left } from './grid.js'
import { ellipsize, pad, widthOf } from './layout.js'
import type { Style } from './style.js'
import { visible } from './text.js'

/** A GTID set of many sources is longer than any screen; its whole text is in the JSON report. */
const WIDEST_POSITION = 40
/** Less of a GTID set than this says nothing. */
const NARROWEST_POSITION = 12
const GAP = '  '

/** Who the masters are, and where their replication stands. */
export function mastersSection(masters: readonly MasterInfo[], style: Style, width: number): string[] {
  const rows = masters.map((master) => [
    left(master.name, style.strong),
    left(visible(`${master.host}:${master.port}`)),
    left(`${master.vendor === 'mariadb' ? 'MariaDB' : 'MySQL'} ${visible(master.serverVersion)}`),
    left(`server ${master.serverId}`),
    left('')
  ])
  const lines = layOut(rows, width)
  const used = Math.max(...lines.map(widthOf)) + GAP.length
  const room = Math.min(WIDEST_POSITION, width - used)
  const positions = masters.map(({ position }) => ellipsize(visible(position.replaceAll(/\s+/g, '')), room))
  return [
    style.strong('Masters'),
    ...lines.map((line, index) =>
      room < NARROWEST_POSITION ? line : `${pad(line, used)}${style.faint(positions[index] ?? '')}`.trimEnd()
    )
  ]
}
