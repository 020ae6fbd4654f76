import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { whyNotInstalled } from './debian-package.js'

/** A certificate and its private key, as PEM files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface Request {
  /** The common name. */
  readonly subject: string
  /** As OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`. */
  readonly names?: readonly string[]
  /** A negative number makes a certificate that has expired. */
  readonly days?: number
}

/** Makes sure that OpenSSL is there, which makes the certificates. */
export async function needOpenssl(): Promise<void> {
  const reason = await whyNotInstalled('openssl', () => spawnSync('openssl', ['version']).status === 0)
  if (reason !== null) throw new Error(`the tests of TLS need the program openssl: ${reason}`)
}

/** An authority of a test's own, which lives in a folder. Node can read certificates and make none: OpenSSL does. */
export class Authority {
  readonly folder: string
  readonly cert: string
  readonly #key: string

  constructor(folder: string, subject: string) {
    mkdirSync(folder, { recursive: true })
    this.folder = folder
    this.cert = join(folder, 'ca.pem')
    this.#key = join(folder, 'ca.key')
    newKey(this.#key)
    const parts = ['-subj', `/CN=${subject}`, '-days', '30', '-addext', 'basicConstraints=critical,CA:TRUE']
    openssl('req', '-x509', '-new', '-key', this.#key, '-out', this.cert, ...parts)
  }

  /** Makes a key, and a certificate for it; `name` names the files. */
  sign(name: string, { subject, names = [], days = 30 }: Request): Certificate {
    const file = (ending: string) => join(this.folder, `${name}.${ending}`)
    const [key, request, cert, extensions] = [file('key'), file('csr'), file('pem'), file('ext')]
    newKey(key)
    openssl('req', '-new', '-key', key, '-subj', `/CN=${subject}`, '-out', request)
    writeFileSync(extensions, names.length === 0 ? '' : `subjectAltName=${names.join(',')}\n`)
    const by = ['-CA', this.cert, '-CAkey', this.#key, '-CAcreateserial', '-extfile', extensions]
    openssl('x509', '-req', '-in', request, ...by, '-days', String(days), '-out', cert)
    return { cert, key }
  }
}

function newKey(path: string): void {
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', path)
}

function openssl(...args: readonly string[]): void {
  const { status, error, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (error !== undefined) throw new Error(`the tests of TLS need the program openssl: ${error.message}`)
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
}
