import { isConnectionLost } from '../masters/server-errors.js'
import { messageOf } from '../model/errors.js'
import type { Reading } from './facts.js'

/** What one part holds, or why it could not be seen. A lost connection is no matter of a part, and thrown. */
export async function reading<Value>(read: () => Promise<Value>): Promise<Reading<Value>> {
  try {
    return { value: await read() }
  } catch (error) {
    if (isConnectionLost(error)) throw error
    return { problem: messageOf(error) }
  }
}
