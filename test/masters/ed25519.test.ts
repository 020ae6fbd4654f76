import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signWithPassword } from '../../src/masters/ed25519.js'

/** A private key of 32 bytes as PKCS #8, by RFC 8410. */
function privateKey(seed: Uint8Array) {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
}

const bytes = (least: number, most: number) =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((found) => Buffer.from(found))

test('signs as OpenSSL does where the password has the length of a seed', () => {
  fc.assert(
    fc.property(bytes(32, 32), bytes(0, 80), (seed, message) => {
      const signature = signWithPassword(seed, message)
      expect(signature.toString('hex')).toBe(sign(null, message, privateKey(seed)).toString('hex'))
      expect(verify(null, message, createPublicKey(privateKey(seed)), signature)).toBe(true)
    }),
    { numRuns: 30 }
  )
})

test('signs with a password of any length', () => {
  const message = Buffer.alloc(32, 7)
  for (const password of ['', 'x', 'sésame 😀', 'y'.repeat(500)]) {
    expect(signWithPassword(Buffer.from(password), message)).toHaveLength(64)
  }
})
