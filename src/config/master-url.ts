import { MmauditError } from '../model/errors.js'
import type { MasterDraft } from './master-draft.js'
import { masterNameProblem } from './names.js'
import type { Parser } from './parse.js'
import { sslMode } from './settings.js'
import { didYouMean } from './suggest.js'

const SCHEME = /^(mysql|mariadb):\/\//i
const FORM = 'a=mysql://user@host:3306'

/** What a URL may say after `?`. */
const PARAMETERS = ['socket', 'sslMode', 'sslCa', 'sslCert', 'sslKey', 'defaultsFile'] as const
type Parameter = (typeof PARAMETERS)[number]

/** A URL that names a user but no host, which a URL parser refuses and a unix socket does not need. */
const HOSTLESS = /^(\w+:\/\/[^/?#]*@)(?=[/?]|$)/

/** One master as the command line or `MMAUDIT_MASTERS` names it: all about it, or the name of one in the file. */
export type MasterArgument =
  | { readonly kind: 'url'; readonly draft: MasterDraft }
  | { readonly kind: 'name'; readonly name: string }

/**
 * Reads `name=mysql://user@host:port/?sslMode=…`, or a bare name. `said` is where it was said, for errors, which never
 * quote the URL: it may hold a password.
 */
export function parseMaster(text: string, said: string, code: 'usage' | 'config', folder: string): MasterArgument {
  const fail = (message: string, hint: string) => new MmauditError(code, `${said}${message}`, { hint })
  const equals = text.indexOf('=')
  const named = equals >= 0 && !text.slice(0, equals).includes(':')
  if (!named && masterNameProblem(text) === null) return { kind: 'name', name: text }
  if (!named) throw fail(': a master has a name before its URL', `write it as ${FORM}`)

  const name = text.slice(0, equals)
  const problem = masterNameProblem(name)
  if (problem !== null) throw fail(`: ${problem}`, `write it as ${FORM}`)
  const label = `${said} ${name}`
  const url = parseUrl(text.slice(equals + 1))
  if ('problem' in url) throw new MmauditError(code, `${label}: ${url.problem}`, { hint: url.hint })
  const draft = toDraft(name, url.value, folder, (message, hint) => {
    return new MmauditError(code, `${label}: ${message}`, hint === undefined ? {} : { hint })
  })
  return { kind: 'url', draft }
}

function parseUrl(text: string): { value: URL } | { problem: string; hint: string } {
  if (!SCHEME.test(text)) {
    return { problem: 'the URL of a master begins with mysql://', hint: `write it as ${FORM}` }
  }
  const hint =
    'percent-encode what is special in user and password: @ is %40, : is %3A, / is %2F, # is %23, ? is %3F, % is %25'
  const whole = text.replace(HOSTLESS, '$1localhost')
  // The error of a failed parse would carry the URL, and the password with it.
  if (!URL.canParse(whole)) return { problem: 'not a valid URL', hint }
  const url = new URL(whole)
  if (url.hash !== '' || url.port === '0') return { problem: 'not a valid URL', hint }
  if (url.hostname === '') return { problem: 'the URL names no host', hint: `write it as ${FORM}` }
  if (url.pathname !== '' && url.pathname !== '/') {
    return {
      problem: 'the URL of a master names no database',
      hint: 'leave the path out, and name tables as in mmaudit diff retail_db.*'
    }
  }
  return { value: url }
}

type Fail = (message: string, hint?: string) => MmauditError

function toDraft(name: string, url: URL, folder: string, error: Fail): MasterDraft {
  const parameters = readParameters(url, error)
  return {
    name,
    error,
    folder,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    user: decode(url.username, error) || undefined,
    password: undefined,
    urlPassword: decode(url.password, error) || undefined,
    socket: parameters.socket,
    sslMode: parameters.sslMode === undefined ? undefined : accept(sslMode, 'sslMode', parameters.sslMode, error),
    sslCa: parameters.sslCa,
    sslCert: parameters.sslCert,
    sslKey: parameters.sslKey,
    defaultsFile: parameters.defaultsFile
  }
}

function readParameters(url: URL, error: Fail): Partial<Record<Parameter, string>> {
  const found: Partial<Record<Parameter, string>> = {}
  for (const [name, value] of url.searchParams) {
    const parameter = PARAMETERS.find((known) => known === name)
    if (parameter === undefined) throw error(`unknown parameter ${name} in the URL${didYouMean(name, PARAMETERS)}`)
    found[parameter] = value
  }
  return found
}

function accept<T>(parse: Parser<T>, name: string, text: string, error: Fail): T {
  const parsed = parse(text)
  if ('problem' in parsed) throw error(`${name} ${parsed.problem}`)
  return parsed.value
}

function decode(text: string, error: Fail): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw error('a % in user or password begins no valid escape', 'write a percent sign as %25')
  }
}
