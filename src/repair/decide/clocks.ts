import { onEveryMaster } from '../../audit/on-every-master.js'
import type { Master } from '../../masters/master.js'
import type { Session } from '../../masters/session.js'
import { MmauditError } from '../../model/errors.js'
import type { Column } from '../../model/table.js'

/** Whether times that different masters wrote can be compared. */
export interface Clocks {
  /** By how much the clocks are apart, in words; `null` when by no more than can be borne. */
  readonly skew: string | null
  /** How the time zones differ, in words; `null` when they do not. */
  readonly zones: string | null
}

/** What one master said of its clock and its time zone. Times in milliseconds. */
export interface ClockReading {
  readonly master: string
  /** The server's clock, and ours just before and just after it was asked. */
  readonly clock: number
  readonly before: number
  readonly after: number
  /** As the server calls it: `SYSTEM (CET)`, `+02:00`. */
  readonly zone: string
  /** Hours and minutes from UTC, now, in winter and in summer. */
  readonly offsets: string
}

/** What replication by NTP keeps with ease; two writes that are nearer are no race that a clock could settle. */
const MOST_SKEW_MS = 1000
/** The one with the shortest round trip is the most certain. */
const SAMPLES = 3

/** Reads the clocks and the default time zones of all masters at the same moment. */
export async function readClocks(masters: readonly Master[]): Promise<Clocks> {
  const readings = await onEveryMaster(masters, 'reading its clock', (master) => master.withSession(readClock))
  return judgeClocks(readings)
}

/** Judges clocks by what is certain: a skew that the round trips alone could explain is none. */
export function judgeClocks(readings: readonly ClockReading[]): Clocks {
  return { skew: skewText(readings), zones: zonesText(readings) }
}

/** Why times in this column do not tell which version is newer, or `null`. */
export function clockProblem(column: Column, clocks: Clocks): string | null {
  if (clocks.skew !== null) return clocks.skew
  // A TIMESTAMP is stored in UTC, and read in it here.
  return column.dataType === 'timestamp' ? null : clocks.zones
}

function skewText(readings: readonly ClockReading[]): string | null {
  const pairs = readings.flatMap((ahead) =>
    readings.map((behind) => ({ ahead: ahead.master, behind: behind.master, least: leastSkew(ahead, behind) }))
  )
  const [worst] = pairs.toSorted((left, right) => right.least - left.least)
  if (worst === undefined || worst.least <= MOST_SKEW_MS) return null
  const seconds = (worst.least / 1000).toFixed(1)
  return `the clock of ${worst.ahead} is at least ${seconds} seconds ahead of that of ${worst.behind}`
}

/** By how much one clock is ahead of another at least, wherever within the round trips they were read. */
function leastSkew(ahead: ClockReading, behind: ClockReading): number {
  return ahead.clock - ahead.after - (behind.clock - behind.before)
}

function zonesText(readings: readonly ClockReading[]): string | null {
  if (new Set(readings.map((reading) => reading.offsets)).size <= 1) return null
  return `the time zones of the masters differ: ${readings.map(({ master, zone }) => `${zone} on ${master}`).join(', ')}`
}

/** Zones may be the same in winter and differ in summer. */
const MOMENTS = ['UTC_TIMESTAMP()', 'MAKEDATE(YEAR(UTC_DATE()), 1)', 'MAKEDATE(YEAR(UTC_DATE()), 182)']

/** Session time zones are UTC, so the zone is asked for by its name; `SYSTEM` is one, too. */
const SELECT_CLOCK = `SELECT UTC_TIMESTAMP(6) AS clock, @@GLOBAL.time_zone AS zone, @@system_time_zone AS system_zone,
  CONCAT_WS(' ', ${MOMENTS.map(offset).join(', ')}) AS offsets`

function offset(moment: string): string {
  return `TIMESTAMPDIFF(MINUTE, ${moment}, CONVERT_TZ(${moment}, '+00:00', @@GLOBAL.time_zone))`
}

/** Asks one server for its clock and its zone. */
export async function readClock(session: Session): Promise<ClockReading> {
  const samples: ClockReading[] = []
  for (let sample = 0; sample < SAMPLES; sample++) samples.push(await sampleClock(session))
  return samples.reduce((best, next) => (next.after - next.before < best.after - best.before ? next : best))
}

async function sampleClock(session: Session): Promise<ClockReading> {
  const before = now()
  const [row] = await session.query(SELECT_CLOCK)
  const after = now()
  const clock = Date.parse(`${(row?.clock ?? '').replace(' ', 'T').slice(0, 23)}Z`)
  if (Number.isNaN(clock)) throw new MmauditError('incomplete', `master ${session.master} does not tell the time`)
  const zone = row?.zone === 'SYSTEM' ? `SYSTEM (${row.system_zone})` : (row?.zone ?? '')
  return {
    master: session.master,
    clock,
    before,
    after,
    zone,
    // A zone that the server has no table of has no offsets, but a name.
    offsets: row?.offsets || zone
  }
}

/** Never set back, unlike the clock of the machine. */
function now(): number {
  return performance.timeOrigin + performance.now()
}
