import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { mmaudit } from '../support/mmaudit.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

describe.each(inject('serverKinds'))('on %s', (kind) => {
  let lab: TestLab
  let folder: string
  let both: readonly string[]
  beforeAll(async () => {
    lab = await startTestLab(kind)
    folder = await mkdtemp(join(tmpdir(), 'mmaudit-input-'))
    both = ['--master', lab.masterUrl('a'), '--master', lab.masterUrl('b')]
    for (const { name } of lab.state.masters) {
      await lab.runLocally(
        name,
        "CREATE USER 'secretive'@'%' IDENTIFIED BY 'sesame-42'",
        "GRANT SELECT ON *.* TO 'secretive'@'%'",
        "CREATE USER 'blind'@'%'",
        `GRANT ${lab.state.masters[0]?.vendor === 'mysql' ? 'REPLICATION CLIENT' : 'BINLOG MONITOR, SLAVE MONITOR'} ON *.* TO 'blind'@'%'`
      )
    }
  })
  afterAll(async () => {
    await lab?.down()
    await rm(folder, { recursive: true, force: true })
  })

  /** A user's mistake: what it exits with, and what the message must name. */
  async function expectRefusal(args: readonly string[], code: number, ...says: readonly (string | RegExp)[]) {
    const run = await mmaudit(['diff', ...args], { cwd: folder })
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code, stderr: expect.any(String) })
    for (const part of says) expect(run.stderr).toMatch(part)
    expect(run.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
  }
  const as = (user: string, name: string) => lab.masterUrl(name).replace('mmaudit@', `${user}@`)

  it('compares with the least privileges that the documentation names', async () => {
    const run = await mmaudit(['diff', ...both, 'retail_db.*'], { cwd: folder })
    expect(run).toMatchObject({ code: 0 })
  })

  it('asks for a second master', () => expectRefusal(['--master', lab.masterUrl('a')], 64, /two masters|at least two/i))

  it('asks for masters when there are none', () => expectRefusal([], 64, /--master/))

  it('refuses a chunk of no rows', () => expectRefusal([...both, '--chunk-rows', '0'], 64, /chunk-rows/))

  it('refuses an unknown option and suggests the right one', () =>
    expectRefusal([...both, '--chunk-row', '5'], 64, /--chunk-rows/))

  it('names a table that is not there', () => expectRefusal([...both, 'retail_db.ordres'], 64, /retail_db\.ordres/))

  it('suggests the database of a table named without one', () =>
    expectRefusal([...both, 'orders'], 64, /db\.table|retail_db\.orders/))

  it('says that a pattern matches nothing', () => expectRefusal([...both, 'shop.*'], 64, /shop\.\*/))

  it('says that a pattern of the file matches nothing', async () => {
    const file = join(folder, 'nothing.yaml')
    const [a, b] = lab.state.masters.map(
      ({ host, port }) => `{ host: ${host}, port: ${port}, user: mmaudit, sslMode: DISABLED }`
    )
    await writeFile(file, `masters:\n  a: ${a}\n  b: ${b}\ninclude: [shop.*]\n`)
    await expectRefusal(['--config', file], 78, /shop\.\*/)
  })

  it('tells line and column of malformed YAML', async () => {
    const file = join(folder, 'broken.yaml')
    await writeFile(file, 'masters:\n  a: { host: [1\n')
    await expectRefusal(['--config', file], 78, /broken\.yaml:\d+:\d+/)
  })

  it('names a host that cannot be reached', () =>
    expectRefusal(
      ['--master', lab.masterUrl('a'), '--master', 'b=mysql://mmaudit@127.0.0.1:1'],
      2,
      /master b \(127\.0\.0\.1:1\)/
    ))

  it('takes mistakes in the settings of several masters for what each of them is', async () => {
    const without = (name: string) =>
      lab.masterUrl(name).replace('DISABLED', `REQUIRED&sslCert=${join(folder, 'client.pem')}`)
    const masters = ['--master', without('a'), '--master', without('b')]
    const each = ['master a: sslCert and sslKey', 'master b: sslCert and sslKey', 'add sslKey']
    await expectRefusal(masters, 78, ...each)
    await expectRefusal([...masters, '--master', 'c=mysql://mmaudit@127.0.0.1:1'], 2, ...each, /master c .*:1\)/)
  })

  it('names the master that refuses the password, and never prints the password', async () => {
    const run = await mmaudit(['diff', '--master', lab.masterUrl('a'), '--master', as('secretive', 'b')], {
      cwd: folder,
      env: { MMAUDIT_PASSWORD_B: 'wrong-sesame' }
    })
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/master b .*secretive/)
    expect(run.stderr).toMatch(/MMAUDIT_PASSWORD_B/)
    expect(run.stdout + run.stderr).not.toContain('wrong-sesame')
  })

  it('names the missing privilege and the GRANT that mends it', async () => {
    const run = await mmaudit(['diff', '--master', as('secretive', 'a'), '--master', as('secretive', 'b')], {
      cwd: folder,
      env: { MMAUDIT_PASSWORD: 'sesame-42' }
    })
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/GRANT .*(REPLICATION CLIENT|BINLOG MONITOR).* TO 'secretive'/)
    expect(run.stdout + run.stderr).not.toContain('sesame-42')
  })

  it('says that an account sees no table', () =>
    expectRefusal(['--master', as('blind', 'a'), '--master', as('blind', 'b')], 2, /SELECT/))

  it('refuses to compare a server with itself', () =>
    expectRefusal(
      ['--master', lab.masterUrl('a'), '--master', lab.masterUrl('a').replace('a=', 'twin=')],
      78,
      /same server/
    ))

  it('finds an unwritable report path before the audit', async () => {
    await expectRefusal([...both, '--json', join(folder, 'no', 'such', 'folder', 'r.json')], 64, /r\.json|no such/i)
  })

  it('reports a table that only one master has', async () => {
    await lab.runLocally('a', 'CREATE TABLE retail_db.only_here (id INT PRIMARY KEY)')
    const { run, report } = await lab.diff()
    await lab.runLocally('a', 'DROP TABLE retail_db.only_here')
    expect(run.code).toBe(2)
    expect(report.tables.find(({ table }) => table === 'only_here')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('does not exist on b')
    })
    expect(report.summary).toMatchObject({ complete: false, failed: 1 })
  })
})
