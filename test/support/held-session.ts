import { adminOf } from '../../src/lab/lab-state.js'
import { Session } from '../../src/masters/session.js'
import type { TestLab } from './test-lab.js'

/** A session of the lab's administrator that keeps what `statements` took until it is closed. */
export async function holdSession(lab: TestLab, name: string, ...statements: readonly string[]): Promise<Session> {
  const master = lab.state.masters.find((each) => each.name === name)
  if (master === undefined) throw new Error(`the lab has no master ${name}`)
  return Session.open(adminOf(master), statements)
}
