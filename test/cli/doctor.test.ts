import { describe, expect, test } from 'vitest'
import { runCli } from '../../src/cli/program.js'
import { fakeIo } from './fake-io.js'

const MASTERS = ['--master', 'a=mysql://u@h1', '--master', 'b=mysql://u@h2']

async function doctor(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const io = fakeIo()
  const code = await runCli(['doctor', ...MASTERS, ...args], io)
  return { code, said: io.stderr.text }
}

describe('mmaudit doctor', () => {
  test.each([['--yes'], ['--journal', 'j'], ['--allow-triggers'], ['--allow-read-only']])(
    'refuses %s, which only says how to unblock',
    async (...args) => {
      expect(await doctor(...args)).toMatchObject({ code: 64, said: expect.stringContaining('--unblock was not said') })
    }
  )

  test('asks before it unblocks, and does not where nobody can answer', async () => {
    expect(await doctor('--unblock')).toMatchObject({
      code: 64,
      said: expect.stringContaining('no terminal to ask on')
    })
  })

  test('refuses an interval that is none', async () => {
    const { code, said } = await doctor('--audit-interval', 'nightly')
    expect(code).toBe(64)
    expect(said).toContain('--audit-interval nightly: must be a number of seconds')
  })
})
