// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is tested
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type AuditFlags, resolveAuditConfig } from '../../src/config/resolve.js'
import { MmauditError } from '../../src/model/errors.js'
import { fakeFiles } from './fake-files.js'

const MASTERS = ['a=mysql://mmaudit@10.0.0.1', 'b=mysql://mmaudit@10.0.0.2:3307']

interface Given {
  readonly flags?: AuditFlags
  readonly env?: Readonly<Record<string, string>>
  readonly yaml?: string
  readonly files?: Readonly<Record<string, string>>
  readonly exposed?: readonly string[]
}

function resolve({ flags = {}, env = {}, yaml, files = {}, exposed = [] }: Given) {
  const texts = yaml === undefined ? files : { ...files, '/srv/audit/mmaudit.yaml': yaml }
  return resolveAuditConfig({ flags, env, cwd: '/srv/audit', home: '/home/dba', files: fakeFiles(texts, exposed) })
}

function failure(given: Given): MmauditError {
  try {
    resolve(given)
  } catch (error) {
    if (error instanceof MmauditError) return error
    throw error
  }
  throw new Error('expected an error')
}

describe('precedence', () => {
  const yaml =
    'chunkRows: 3\nconcurrency: 3\nconfirm: true\nconfirmTimeout: 3\nchunkTime: 3\nwhere: "file"\nignoreColumns: [file]\nstrictSchema: true'
  const env = {
    MMAUDIT_CHUNK_ROWS: '2',
    MMAUDIT_CONCURRENCY: '2',
    MMAUDIT_CONFIRM: 'no',
    MMAUDIT_CONFIRM_TIMEOUT: '2',
    MMAUDIT_CHUNK_TIME: '2',
    MMAUDIT_WHERE: 'env',
    MMAUDIT_IGNORE_COLUMNS: 'env, two',
    MMAUDIT_STRICT_SCHEMA: 'no'
  }
  const flags = {
    masters: MASTERS,
    chunkRows: '1',
    concurrency: '1',
    confirm: 'false',
    confirmTimeout: '1',
    chunkTime: '1',
    where: 'flag',
    ignoreColumns: 'flag',
    strictSchema: 'true'
  }

  test.each([
    ['flag over all', { flags, env, yaml }, [1, 1, false, 1, 1, 'flag', ['flag'], true]],
    [
      'environment over file',
      { flags: { masters: MASTERS }, env, yaml },
      [2, 2, false, 2, 2, 'env', ['env', 'two'], false]
    ],
    ['file over default', { flags: { masters: MASTERS }, yaml }, [3, 3, true, 3, 3, 'file', ['file'], true]],
    ['default', { flags: { masters: MASTERS } }, [null, 2, true, 30, 0.5, null, [], false]]
  ])('%s', (_, given, expected) => {
    const { config } = resolve(given)
    expect([
      config.chunkRows,
      config.concurrency,
      config.confirm,
      config.confirmTimeout,
      config.chunkTime,
      config.where,
      config.ignoreColumns,
      config.strictSchema
    ]).toEqual(expected)
    expect(config.checksum).toBe('xxhash')
  })

  test('an empty variable is not set', () => {
    expect(resolve({ flags: { masters: MASTERS }, env: { MMAUDIT_CHUNK_ROWS: '' } }).config.chunkRows).toBeNull()
  })

  test('the result cannot be changed', () => {
    const { config } = resolve({ flags: { masters: MASTERS } })
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.masters[0])).toBe(true)
  })
})

test('how long a master may be silent: half a minute, or as the flag, the variable or the file says', () => {
  const silence = (given: Given) =>
    resolve({ ...given, flags: { masters: MASTERS, ...given.flags } }).config.silenceTimeout
  const yaml = 'silenceTimeout: 2m'
  const env = { MMAUDIT_SILENCE_TIMEOUT: '45' }
  expect(silence({})).toBe(30)
  expect(silence({ yaml })).toBe(120)
  expect(silence({ yaml, env })).toBe(45)
  expect(silence({ yaml, env, flags: { silenceTimeout: '1500ms' } })).toBe(1.5)
  expect(() => silence({ flags: { silenceTimeout: '0' } })).toThrow(
    '--silence-timeout 0: must be a number of seconds from 1 to 3,600'
  )
})

describe('how servers are spared', () => {
  const settings = (given: Given) => {
    const { maxLoad, maxLag, pauseFile, runTime, maxDivergences } = resolve(given).config
    return [maxLoad, maxLag, pauseFile, runTime, maxDivergences]
  }
  const yaml =
    'maxLoad: [Threads_running=25, "Innodb_row_lock_current_waits=3"]\nmaxLag: 5s\npauseFile: pause/now\nrunTime: 2h\nmaxDivergences: 1000'
  const fromFile = [
    [
      { variable: 'Threads_running', most: 25 },
      { variable: 'Innodb_row_lock_current_waits', most: 3 }
    ],
    5,
    '/srv/audit/pause/now',
    7200,
    1000
  ]

  test('not at all by default', () => {
    expect(settings({ flags: { masters: MASTERS } })).toEqual([[], null, null, null, null])
  })

  test('as the file says, and a flag or a variable over it', () => {
    expect(settings({ flags: { masters: MASTERS }, yaml })).toEqual(fromFile)
    expect(settings({ flags: { masters: MASTERS, maxLoad: 'off' }, yaml })[0]).toEqual([])
    expect(
      settings({
        flags: { masters: MASTERS, maxLag: '500ms', maxLoad: 'Threads_running=8,threads_running=9' },
        env: {
          MMAUDIT_MAX_LAG: '9',
          MMAUDIT_PAUSE_FILE: '~/pause',
          MMAUDIT_RUN_TIME: '30m',
          MMAUDIT_MAX_DIVERGENCES: '0'
        },
        yaml
      })
    ).toEqual([[{ variable: 'threads_running', most: 9 }], 0.5, '/home/dba/pause', 1800, 0])
  })

  test('--max-load off in the file as well', () => {
    expect(settings({ flags: { masters: MASTERS }, yaml: 'maxLoad: off' })[0]).toEqual([])
  })
})

describe('tables', () => {
  test('those on the command line replace the include of the file, not its exclude', () => {
    const yaml = 'include: [shop.*]\nexclude: [shop.tmp_*]'
    const named = resolve({ flags: { masters: MASTERS, tables: ['crm.people'] }, yaml }).config
    expect([named.include, named.includeOrigin, named.exclude]).toEqual([['crm.people'], 'usage', ['shop.tmp_*']])
    const unnamed = resolve({ flags: { masters: MASTERS }, yaml }).config
    expect([unnamed.include, unnamed.includeOrigin]).toEqual([['shop.*'], 'config'])
  })

  test('a name without a database is refused', () => {
    const error = failure({ flags: { masters: MASTERS, tables: ['orders'] } })
    expect([error.code, error.message]).toEqual([
      'usage',
      'table "orders": tables are named db.table, for example orders.orders, or orders.* for all of a database'
    ])
  })
})

describe('masters', () => {
  test('by URL', () => {
    const { config, warnings } = resolve({ flags: { masters: MASTERS } })
    expect(warnings).toEqual([])
    expect(config.masters).toEqual([
      {
        name: 'a',
        host: '10.0.0.1',
        port: 3306,
        socketPath: null,
        user: 'mmaudit',
        password: null,
        sslMode: 'PREFERRED',
        sslCa: null,
        sslCert: null,
        sslKey: null
      },
      expect.objectContaining({ name: 'b', host: '10.0.0.2', port: 3307 })
    ])
  })

  test('a CA that would check nothing is warned of', () => {
    const [a = '', b = ''] = MASTERS
    const warned = (query: string) => resolve({ flags: { masters: [`${a}/?${query}`, b] } }).warnings
    expect(warned('sslCa=ca.pem')).toEqual([
      "master a: sslCa alone does not check the server's certificate; set sslMode to VERIFY_IDENTITY or VERIFY_CA"
    ])
    expect(warned('sslCa=ca.pem&sslMode=VERIFY_CA')).toEqual([])
    expect(warned('sslCa=ca.pem&sslMode=REQUIRED')).toEqual([])
  })

  test('by environment', () => {
    const { config } = resolve({ env: { MMAUDIT_MASTERS: 'a=mysql://u@h1, b=mysql://u@h2\nc=mysql://u@h3' } })
    expect(config.masters.map((master) => `${master.name} ${master.host}`)).toEqual(['a h1', 'b h2', 'c h3'])
  })

  const three = 'masters:\n  a: { host: h1, user: u }\n  b: { host: h2, user: u }\n  north: { host: h3, user: u }'

  test('some of those in the file, by name', () => {
    const { config } = resolve({ flags: { masters: ['north', 'a'] }, yaml: three })
    expect(config.masters.map((master) => master.name)).toEqual(['north', 'a'])
  })

  test('an unknown name is told with the known ones', () => {
    const error = failure({ flags: { masters: ['a', 'nroth'] }, yaml: three })
    expect(error.code).toBe('usage')
    expect(error.message).toBe('--master nroth: there is no master of that name in a configuration file')
    expect(error.hint).toBe('the file names a, b, north; did you mean north?')
  })

  test('one is not enough', () => {
    const error = failure({ flags: { masters: ['a=mysql://u@h'] } })
    expect([error.code, error.message]).toEqual(['usage', 'an audit needs two masters or more, and only a is named'])
    const none = failure({})
    expect([none.code, none.message]).toEqual(['usage', 'no masters are named'])
    expect(none.hint).toContain('--master a=mysql://user@host:3306')
  })

  test('two of the same name are refused', () => {
    const error = failure({ flags: { masters: ['a=mysql://u@h1', 'a=mysql://u@h2'] } })
    expect([error.code, error.message]).toEqual(['usage', '--master a: two masters are named a'])
  })
})

describe('passwords', () => {
  const yaml =
    'masters:\n  a-1: { host: h1, user: u, password: from-yaml }\n  b: { host: h2, user: u }\ndefaultsFile: ~/.my.cnf'
  const files = { '/home/dba/.my.cnf': '[client]\nuser = dba\npassword = "from#option file"\n' }
  const passwords = (given: Given) => resolve(given).config.masters.map((master) => master.password)

  test('come from the most specific source', () => {
    expect(passwords({ yaml, files })).toEqual(['from-yaml', 'from#option file'])
    expect(passwords({ yaml, files, env: { MMAUDIT_PASSWORD: 'all' } })).toEqual(['all', 'all'])
    expect(passwords({ yaml, files, env: { MMAUDIT_PASSWORD: 'all', MMAUDIT_PASSWORD_A_1: 'own' } })).toEqual([
      'own',
      'all'
    ])
  })

  test('a password in a URL works, with a warning that does not tell it', () => {
    const { config, warnings } = resolve({ flags: { masters: ['a=mysql://u:s%40cret@h', MASTERS[1] ?? ''] } })
    expect(config.masters[0]?.password).toBe('s@cret')
    expect(warnings).toEqual([
      'master a: a password in a URL can be seen in process lists and shell history; set MMAUDIT_PASSWORD_A instead'
    ])
  })

  test('files with a password that others can read are warned of', () => {
    const exposed = ['/srv/audit/mmaudit.yaml', '/home/dba/.my.cnf']
    expect(resolve({ yaml, files, exposed }).warnings).toEqual([
      expect.stringContaining('run chmod 600 mmaudit.yaml'),
      expect.stringContaining('run chmod 600 ~/.my.cnf')
    ])
    const harmless = 'masters:\n  a: { host: h1, user: u, password: ${P} }\n  b: { host: h2, user: u }'
    expect(resolve({ yaml: harmless, exposed, env: { P: 'x' } }).warnings).toEqual([])
  })

  test.each<[string, Given]>([
    ['an unnamed URL', { flags: { masters: ['mysql://u:hunter2@h', 'mysql://u:hunter2@h'] } }],
    ['a URL that does not parse', { flags: { masters: ['a=mysql://u:hunter2#x@h'] } }],
    ['a host that is a password', { flags: { masters: ['a=mysql://u:hunter2'] } }],
    ['a wrong scheme', { flags: { masters: ['a=postgres://u:hunter2@h'] } }],
    ['a bad escape', { flags: { masters: ['a=mysql://u:hunter2%zz@h'] } }],
    ['a database in the URL', { flags: { masters: ['a=mysql://u:hunter2@h/db'] } }],
    ['a duplicate', { flags: { masters: ['a=mysql://u:hunter2@h', 'a=mysql://u:hunter2@h'] } }],
    ['malformed YAML', { yaml: 'masters:\n  a: { password: "x" hunter2 }' }],
    ['YAML that goes on after its end', { yaml: '- a\nb: hunter2' }],
    ['a number', { yaml: 'masters:\n  a: { password: [hunter2] }' }],
    ['an unknown key', { yaml: 'masters:\n  a: { pasword: hunter2 }' }],
    ['a variable', { yaml: 'masters:\n  a: { port: ${P} }', env: { P: 'hunter2' } }]
  ])('no error tells a password: %s', (_, given) => {
    const error = failure(given)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2')
    expect(JSON.stringify(error) + error.stack + error.hint).not.toContain('hunter2')
  })
})

describe('wrong values', () => {
  const range = 'must be a whole number from 1 to'
  test.each<[AuditFlags, string]>([
    [{ chunkRows: '0' }, `--chunk-rows 0: ${range} 10,000,000`],
    [{ chunkRows: '-5' }, `--chunk-rows -5: ${range} 10,000,000`],
    [{ chunkRows: '1.5' }, `--chunk-rows 1.5: ${range} 10,000,000`],
    [{ chunkRows: 'many' }, `--chunk-rows many: ${range} 10,000,000`],
    [{ concurrency: '0' }, `--concurrency 0: ${range} 64`],
    [{ concurrency: '65' }, `--concurrency 65: ${range} 64`],
    [
      { chunkTime: '0' },
      '--chunk-time 0: must be a number of seconds from 0.01 to 60; 500ms, 30s, 5m and 2h can be said as well'
    ],
    [
      { chunkTime: '2h' },
      '--chunk-time 2h: must be a number of seconds from 0.01 to 60; 500ms, 30s, 5m and 2h can be said as well'
    ],
    [
      { maxLoad: 'Threads_running' },
      '--max-load Threads_running: must be a status variable and its highest value, such as Threads_running=25, or off'
    ],
    [
      { maxLoad: "x'=1" },
      "--max-load x'=1: must be a status variable and its highest value, such as Threads_running=25, or off"
    ],
    [{ pauseFile: ' ' }, '--pause-file  : is empty'],
    [
      { runTime: '0' },
      '--run-time 0: must be a number of seconds from 0.1 to 2,678,400; 500ms, 30s, 5m and 2h can be said as well'
    ],
    [{ maxDivergences: '-1' }, '--max-divergences -1: must be a whole number from 0 to 1,000,000,000,000'],
    [{ checksum: 'crc' }, '--checksum crc: must be one of xxhash, pushdown'],
    [{ checksum: 'xxhahs' }, '--checksum xxhahs: must be one of xxhash, pushdown; did you mean xxhash?'],
    [{ where: ' ' }, '--where  : is empty'],
    [{ strictSchema: 'perhaps' }, '--strict-schema perhaps: must be true or false'],
    [{ ignoreColumns: 'a,,b' }, '--ignore-columns a,,b: has an empty name in it']
  ])('%j', (flags, message) => {
    const error = failure({ flags: { masters: MASTERS, ...flags } })
    expect([error.code, error.message]).toEqual(['usage', message])
  })

  test('in the environment they are configuration errors', () => {
    const error = failure({ flags: { masters: MASTERS }, env: { MMAUDIT_CONCURRENCY: '99' } })
    expect([error.code, error.message]).toEqual(['config', `MMAUDIT_CONCURRENCY=99: ${range} 64`])
  })

  test('a named file that is not there', () => {
    const error = failure({ flags: { masters: MASTERS, config: 'prod.yaml' } })
    expect([error.code, error.message]).toEqual(['config', 'there is no configuration file prod.yaml'])
  })

  test('the file can be named in the environment', () => {
    const files = { '/etc/mm.yaml': 'concurrency: 7' }
    const { config } = resolve({ flags: { masters: MASTERS }, env: { MMAUDIT_CONFIG: '/etc/mm.yaml' }, files })
    expect(config.concurrency).toBe(7)
  })
})
