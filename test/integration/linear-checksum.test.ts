import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { labDiverge, readTruth } from '../../src/lab/index.js'
import { factsOfReport, factsOfTruth } from '../support/report-file.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/**
 * The checksum that other tools compute by default: XOR over the rows of the CRC32 of each row. CRC32 is linear, so what a
 * change does to the checksum of a row depends only on which bits change and how far from the row's end. The same change
 * in an even number of rows therefore cancels out, and so does a swap of two values at the same distance.
 */
const LINEAR = `SELECT COUNT(*) AS n, BIT_XOR(CRC32(CONCAT_WS('#', order_id, customer_id, order_date, amount, region, order_no,
  status, created_at, updated_at))) AS crc FROM retail_db.orders`

describe.each(inject('serverKinds'))('on %s', (kind) => {
  let lab: TestLab
  beforeAll(async () => {
    lab = await startTestLab(kind)
    await labDiverge({ dir: lab.dir, class: 'swap', count: 4 })
  })
  afterAll(() => lab?.down())

  it('finds swapped values and an update lost on an even number of rows, which a linear checksum cannot see', async () => {
    const [a, b] = await Promise.all(['a', 'b'].map((master) => lab.query(master, LINEAR)))
    expect(a, 'the linear checksum was expected to be blind to this').toEqual(b)

    const truth = await readTruth(lab.dir)
    expect(new Set(truth.divergences.map(({ how }) => how))).toEqual(new Set(['swap', 'even-update']))
    const { run, report } = await lab.diff()
    expect(run).toMatchObject({ code: 1 })
    expect(factsOfReport(report)).toEqual(factsOfTruth(truth))
  })
})
