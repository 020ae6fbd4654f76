import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { StreamOutput } from '../../src/report/stream-output.js'

function streamFailingWith(code: string): Writable {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code }))
  })
  return stream.on('error', () => {})
}

test('a reader that goes away is no error', async () => {
  const output = new StreamOutput(streamFailingWith('EPIPE'), 'standard output')
  await output.write('x'.repeat(70_000))
  await output.write('x'.repeat(70_000))
  await output.commit()
})

test('a full disk is', async () => {
  const output = new StreamOutput(streamFailingWith('ENOSPC'), 'standard output')
  await expect(output.write('x'.repeat(70_000))).rejects.toMatchObject({
    code: 'incomplete',
    message: 'cannot write to standard output: write ENOSPC'
  })
})
