import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Decision, Divergence } from '../../src/model/divergence.js'
import type { RepairSummary } from '../../src/model/repair.js'
import type { TableResult } from '../../src/model/report.js'
import { summarise } from '../../src/model/summary.js'
import { JsonReport } from '../../src/report/json.js'
import { Spool } from '../../src/report/spool.js'
import { schemaErrors } from '../support/report-schema.js'
import { arbitraryDivergence, MASTERS } from './arbitrary.js'
import { MemoryOutput } from './memory-output.js'
import { numRuns } from './runs.js'
import { decision, divergence, header, master, repair, result } from './samples.js'

interface Written {
  readonly names?: readonly string[]
  readonly repaired?: RepairSummary
}

async function write(
  divergences: readonly Divergence[],
  tables: readonly TableResult[],
  { names = ['a', 'b'], repaired }: Written = {}
) {
  const output = new MemoryOutput()
  const report = new JsonReport(output, await Spool.create(tmpdir()), '0.1.0')
  await report.open(header({ masters: names.map((name) => master(name)) }))
  await report.divergences(divergences)
  for (const each of tables) await report.table(each)
  if (repaired !== undefined) await report.repaired(repaired)
  await report.close(new Date('2026-01-02T03:05:00.250Z'), summarise(tables))
  expect(output.state).toBe('committed')
  return output.text
}

test('is the documented report, field by field and in order', async () => {
  const table = result('orders', {
    status: 'divergent',
    chunks: { total: 200, mismatched: 3 },
    rows: { a: 2_000_000, b: 1_999_968 },
    sums: { amount: { a: '999990000.00', b: '999989000.00' } },
    conflict: 1,
    drift: [
      { aspect: 'type', name: 'amount', masters: { a: 'decimal(10,2)', b: 'decimal(12,2)' } },
      { aspect: 'column', name: 'note', masters: { a: 'text', b: null } },
      { aspect: 'engine', name: null, masters: { a: 'InnoDB', b: 'Aria' } }
    ]
  })
  const text = await write([divergence()], [table])
  expect(text).toBe(`{
"version":1,
"tool":{"name":"mmaudit","version":"0.1.0"},
"startedAt":"2026-01-02T03:04:05.000Z",
"finishedAt":"2026-01-02T03:05:00.250Z",
"checksum":"xxhash",
"masters":[{"name":"a","host":"10.0.0.1","port":3306,"vendor":"mysql","serverVersion":"8.4.3","serverId":1,"position":"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77"},{"name":"b","host":"10.0.0.2","port":3306,"vendor":"mysql","serverVersion":"8.4.3","serverId":2,"position":"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77"}],
"tables":[
{"database":"retail_db","table":"orders","status":"divergent","reason":null,"key":["order_id"],"chunks":{"total":200,"mismatched":3},"rows":{"a":2000000,"b":1999968},"sums":{"amount":{"a":"999990000.00","b":"999989000.00"}},"missing":0,"conflict":1,"collision":0,"unsettled":0,"unlisted":0,"drift":[{"aspect":"type","name":"amount","masters":{"a":"decimal(10,2)","b":"decimal(12,2)"}},{"aspect":"column","name":"note","masters":{"a":"text","b":null}},{"aspect":"engine","name":null,"masters":{"a":"InnoDB","b":"Aria"}}]}
],
"divergences":[
{"database":"retail_db","table":"orders","key":{"order_id":"40009"},"class":"conflict","reason":"created_at is the same","columns":["amount"],"rows":{"a":{"order_id":"40009","region":"north","amount":"402.79"},"b":{"order_id":"40009","region":"north","amount":"403.79"}},"decision":null,"evidence":null}
],
"repair":null,
"costs":null,
"throttled":null,
"summary":{"consistent":false,"complete":true,"tables":1,"divergent":1,"skipped":0,"failed":0,"missing":0,"conflict":1,"collision":0,"unsettled":0,"unlisted":0}
}
`)
  expect(schemaErrors(JSON.parse(text))).toEqual([])
})

test('an audit without tables is a report as well', async () => {
  const report = JSON.parse(await write([], []))
  expect([report.tables, report.divergences]).toEqual([[], []])
  expect(schemaErrors(report)).toEqual([])
})

test('reads back to the same facts, and keeps to the schema', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryDivergence, { maxLength: 5 }), async (divergences) => {
      const report = JSON.parse(await write(divergences, [result('orders')], { names: MASTERS }))
      expect(report.divergences).toEqual(divergences)
      expect(schemaErrors(report)).toEqual([])
    }),
    { numRuns }
  )
})

test('more divergences than one read of the spool come through whole', async () => {
  const many = Array.from({ length: 3000 }, (_, at) =>
    divergence({ key: { order_id: String(at) }, reason: 'für 日本語 🙂' })
  )
  expect(JSON.parse(await write(many, [])).divergences).toEqual(many)
})

test('tells what a repair did, field by field and in order', async () => {
  const decided = divergence({ decision: { ...decision(), extra: 'not in the report' } as Decision })
  const repaired = repair({
    applied: 12,
    manual: 3,
    refused: 2,
    changes: { b: 9, a: 3 },
    journal: 'mmaudit.journal',
    warnings: ['a replica of b will not see this']
  })
  const text = await write([decided], [result('orders', { conflict: 1 })], { repaired })
  expect(text).toContain(
    '"decision":{"policy":"newest:updated_at","winner":"a","action":"update","status":"applied","rule":"rule 2","reason":"updated_at is latest on a"},"evidence":null}\n'
  )
  expect(text).toContain(
    '\n"repair":{"runId":"20260102T030405Z-7f3a","dryRun":false,"journal":"mmaudit.journal","rows":{"planned":0,"applied":12,"stale":0,"refused":2,"failed":0,"manual":3},"changes":{"b":9,"a":3},"stopped":null,"warnings":["a replica of b will not see this"]},\n"costs":null,\n"throttled":null,\n"summary":'
  )
  expect(schemaErrors(JSON.parse(text))).toEqual([])
})

test('tells what the audit cost, and reports from before that was counted keep to the schema', async () => {
  const output = new MemoryOutput()
  const report = new JsonReport(output, await Spool.create(tmpdir()), '0.1.0')
  await report.open(header())
  const cost = { queries: 412, rows: 2_000_196, bytes: 96_104_882 }
  await report.close(new Date(), summarise([result('orders', { conflict: 9, unlisted: 7 })]), {
    masters: { a: cost, b: cost },
    throttled: { seconds: 14.02, reasons: { Threads_running: 12.01, lag: 3.5 } }
  })
  expect(output.text).toContain(
    '\n"costs":{"a":{"queries":412,"rows":2000196,"bytes":96104882},"b":{"queries":412,"rows":2000196,"bytes":96104882}},\n"throttled":{"seconds":14.02,"reasons":{"Threads_running":12.01,"lag":3.5}},\n"summary":'
  )
  const { costs: _costs, throttled: _throttled, ...before } = JSON.parse(output.text)
  expect(before.summary.unlisted).toBe(7)
  expect(schemaErrors(JSON.parse(output.text))).toEqual([])
  expect(schemaErrors(before)).toEqual([])
})

test('a report from before there were repairs keeps to the schema', async () => {
  const { repair: _absent, ...before } = JSON.parse(await write([divergence()], [result('orders')]))
  expect(schemaErrors(before)).toEqual([])
})

test('the schema is strict', () => {
  const report = (change: (text: string) => string) => (text: string) =>
    schemaErrors(JSON.parse(change(text))).length === 0
  const changes: [string, string][] = [
    ['"402.79"', '402.79'],
    ['"402.79"', '{"hex":"abc"}'],
    ['"evidence":null', '"evidence":null,"more":1'],
    ['"conflict","reason"', '"other","reason"'],
    ['"position":"3', '"password":"x","position":"3'],
    ['"version":1', '"version":2'],
    ['"drift":[]', '"drift":[{"aspect":"default","name":"x","masters":{}}]'],
    ['"drift":[]', '"more":[]'],
    ['.250Z', '.250+01:00'],
    ['"rule":"rule 2",', ''],
    ['"action":"update"', '"action":"replace"'],
    ['"stopped":null,', ''],
    ['"stale":0', '"stale":-1'],
    ['"dryRun":false', '"dryRun":null'],
    ['"warnings":[]', '"warnings":[],"more":1']
  ]
  return write([divergence({ decision: decision() })], [result('orders')], { repaired: repair() }).then((text) => {
    for (const [from, to] of changes) {
      expect(text).toContain(from)
      expect(report((each) => each.replace(from, to))(text), `${from} as ${to}`).toBe(false)
    }
  })
})
