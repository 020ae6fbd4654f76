import type { Session } from '../../masters/session.js'
import type { LabMaster } from '../lab-state.js'

/** How long a server is asked to wait before it is looked at again: a stopped applier is then noticed soon. */
export const WAIT_SECONDS = 0.02

/** What a server says of its one replication channel. */
export interface ApplierStatus {
  readonly source: string
  /** Connected, or trying to. */
  readonly receiving: boolean
  readonly connected: boolean
  readonly applying: boolean
  /** Of the applier, or else of the receiver; 0 without one. */
  readonly errno: number
  readonly error: string
  /** Seconds; `null` when the server does not know. */
  readonly lag: number | null
}

/** What was committed on a master while it received nothing: the positions around it. */
interface Interval {
  readonly master: LabMaster
  readonly before: string
  readonly after: string
}

/** How replication is handled on one vendor's servers. Every session is an administrator's. */
export interface ReplicationDialect {
  /** Statements that make a server a replica of `source`, not yet started. */
  link(source: LabMaster): readonly string[]
  readonly start: string
  readonly stop: string
  /** Ends all that a server would wait for when it is told to end. */
  disconnect(session: Session): Promise<void>
  /** `null` when the server replicates from nobody. */
  status(session: Session): Promise<ApplierStatus | null>
  /** Everything that was committed on this server, its own and what it received. */
  position(session: Session): Promise<string>
  /** Waits, for {@link WAIT_SECONDS} at most, until everything up to `position` is here. True when it is. */
  reached(session: Session, position: string, self: LabMaster): Promise<boolean>
  /** Makes a server that is stopped never apply what was committed in the interval. */
  skip(session: Session, interval: Interval): Promise<void>
  /** Steps over exactly the transaction that the applier has stopped at. */
  skipFailed(session: Session, status: ApplierStatus): Promise<void>
}
