import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TextRow } from '../../src/masters/session.js'
import { everywhere, type RepairRun, readUntouched, repairRun, undoRun } from '../support/repair-runs.js'
import { representativeKinds } from '../support/representative.js'
import { startTestLab, type TestLab } from '../support/test-lab.js'

/** What is in a table before a repair. Statements run without the binlog; `on` stands for InnoDB. */
interface Plant {
  readonly both: readonly string[]
  readonly a?: readonly string[]
  readonly b?: readonly string[]
}

/** What `prefer:a` made of the plants, all in one run. */
interface Made {
  fates(table: string): Readonly<Record<string, string>>
  warnings(): readonly string[]
  /** Rows of b, after the repair. */
  rows(sql: string): Promise<readonly TextRow[]>
  /** True when both masters answer alike. */
  alike(sql: string): Promise<boolean>
}

const DATABASES = ['hazards_far', 'hazards_part', 'hazards_triggers', 'hazards_union', 'hazards_limits', 'hazards']

/** Rows that no strict session would take. */
const LAX = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'"

const replicating = representativeKinds().filter((kind) => !kind.includes('://'))

describe.each(replicating)('on %s', (kind) => {
  const isMysql = kind.includes('mysql')
  let lab: TestLab

  async function plant({ both, a = [], b = [] }: Plant): Promise<void> {
    await everywhere(lab, ...both)
    await lab.runLocally('a', ...a)
    await lab.runLocally('b', ...b)
  }

  beforeAll(async () => {
    lab = await startTestLab(kind, { rows: 50 })
    await everywhere(lab, ...DATABASES.map((name) => `CREATE DATABASE ${name}`))
  })
  afterAll(() => lab?.down())

  describe('what prefer:a makes of', () => {
    const plants: Plant[] = []
    let repair: RepairRun
    let untouched: readonly (readonly unknown[])[]
    let before: Readonly<Record<string, unknown>>

    const made: Made = {
      fates: (table) => repair.fates(table),
      warnings: () => repair.summary.warnings,
      rows: (sql) => lab.query('b', sql),
      alike: async (sql) => JSON.stringify(await lab.query('a', sql)) === JSON.stringify(await lab.query('b', sql))
    }

    /** A test of tables that are planted with all others, before the one run. */
    function hazard(name: string, planted: Plant, check: (seen: Made) => void | Promise<void>): void {
      plants.push(planted)
      it(name, () => check(made))
    }

    const contents = async (): Promise<Readonly<Record<string, unknown>>> => {
      const tables = await lab.query(
        'b',
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'hazards' ORDER BY 1"
      )
      const found: Record<string, unknown> = {}
      for (const { name } of tables)
        found[name ?? ''] = await lab.query('b', `SELECT * FROM hazards.${name} ORDER BY 1`)
      return found
    }

    beforeAll(async () => {
      for (const each of plants) await plant(each)
      before = await contents()
      const then = [await readUntouched(lab, 'a'), await readUntouched(lab, 'b')]
      repair = await repairRun(lab, ['hazards.*', '--policy', 'prefer:a'])
      const now = [await readUntouched(lab, 'a'), await readUntouched(lab, 'b')]
      untouched = then.map((each, at) => [each, now[at]])
    })

    it('all: nothing in a binlog, no setting changed, no table made, nothing replaced', () => {
      for (const [then, now] of untouched) expect(now).toEqual(then)
      expect(repair.run.code).toBe(1)
      expect(repair.summary).toMatchObject({ stopped: null, rows: { failed: 0, stale: 0 } })
    })

    hazard(
      'triggers: refused and named, unless they are for other verbs',
      {
        both: [
          'CREATE TABLE hazards.trig_fires (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
          'CREATE TABLE hazards.trig_other (id INT PRIMARY KEY, v INT) ENGINE=InnoDB'
        ],
        a: ['INSERT INTO hazards.trig_fires VALUES (1, 10)', 'INSERT INTO hazards.trig_other VALUES (1, 10)'],
        b: [
          'INSERT INTO hazards.trig_other VALUES (1, 11)',
          'CREATE TRIGGER hazards.alters BEFORE INSERT ON hazards.trig_fires FOR EACH ROW SET NEW.v = 0',
          'CREATE TRIGGER hazards.other BEFORE DELETE ON hazards.trig_other FOR EACH ROW SET @x = 1'
        ]
      },
      async ({ fates, rows }) => {
        expect(fates('trig_fires')).toEqual({
          1: expect.stringMatching(/^refused: on b: triggers would run: alters \(BEFORE INSERT\); .*--allow-triggers/)
        })
        expect(await rows('SELECT * FROM hazards.trig_fires')).toEqual([])
        expect(fates('trig_other')).toEqual({ 1: 'applied' })
      }
    )

    hazard(
      'parents whose children a foreign key would take along, or that the server would not let go: refused, children counted',
      {
        both: [
          ...['cascade', 'set_null', 'restrict'].flatMap((rule) => [
            `CREATE TABLE hazards.parent_${rule} (id INT PRIMARY KEY) ENGINE=InnoDB`,
            `CREATE TABLE hazards_far.child_${rule} (id INT PRIMARY KEY, parent INT NULL, CONSTRAINT to_${rule} FOREIGN KEY (parent)
              REFERENCES hazards.parent_${rule} (id) ON DELETE ${rule.replace('_', ' ')}) ENGINE=InnoDB`
          ]),
          'CREATE TABLE hazards.parent_update (id INT PRIMARY KEY, code VARCHAR(9) NOT NULL UNIQUE, note INT) ENGINE=InnoDB',
          `CREATE TABLE hazards_far.child_update (id INT PRIMARY KEY, code VARCHAR(9), CONSTRAINT to_code FOREIGN KEY (code)
            REFERENCES hazards.parent_update (code) ON UPDATE CASCADE) ENGINE=InnoDB`
        ],
        a: ["INSERT INTO hazards.parent_update VALUES (1, 'new', 1), (2, 'kept', 1)"],
        b: [
          ...['cascade', 'set_null', 'restrict'].flatMap((rule) => [
            `INSERT INTO hazards.parent_${rule} VALUES (1), (2)`,
            `INSERT INTO hazards_far.child_${rule} VALUES (1, 1), (2, 1)`
          ]),
          "INSERT INTO hazards.parent_update VALUES (1, 'old', 2), (2, 'kept', 2)",
          "INSERT INTO hazards_far.child_update VALUES (1, 'old'), (2, 'kept')"
        ]
      },
      async ({ fates, rows }) => {
        for (const [rule, why] of [
          ['cascade', 'ON DELETE CASCADE would delete them'],
          ['set_null', 'ON DELETE SET NULL would change them'],
          ['restrict', 'which the server forbids']
        ]) {
          const fate = fates(`parent_${rule}`)
          expect(fate).toMatchObject({
            1: expect.stringContaining(`2 rows of hazards_far.child_${rule}`),
            2: 'applied'
          })
          expect(fate[1]).toContain(why)
          expect(await rows(`SELECT COUNT(*) AS n FROM hazards_far.child_${rule} WHERE parent = 1`)).toEqual([
            { n: '2' }
          ])
        }
        expect(fates('parent_update')).toEqual({
          1: expect.stringMatching(/1 row of hazards_far.child_update .* ON UPDATE CASCADE would change them/),
          2: 'applied'
        })
      }
    )

    hazard(
      'families: parents come before their children and go after them, whatever their tables are called',
      {
        both: [
          'CREATE TABLE hazards.fam_z_root (x INT, y INT, PRIMARY KEY (x, y)) ENGINE=InnoDB',
          `CREATE TABLE hazards.fam_a_leaf (id INT PRIMARY KEY, x INT, y INT,
            FOREIGN KEY (x, y) REFERENCES hazards.fam_z_root (x, y) ON DELETE CASCADE) ENGINE=InnoDB`,
          'CREATE TABLE hazards.fam_b_root (id INT PRIMARY KEY) ENGINE=InnoDB',
          `CREATE TABLE hazards.fam_y_leaf (id INT PRIMARY KEY, root INT,
            FOREIGN KEY (root) REFERENCES hazards.fam_b_root (id)) ENGINE=InnoDB`,
          `CREATE TABLE hazards.fam_self (id INT PRIMARY KEY, boss INT, FOREIGN KEY (boss) REFERENCES hazards.fam_self (id)) ENGINE=InnoDB`
        ],
        a: [
          'INSERT INTO hazards.fam_z_root VALUES (1, 1)',
          'INSERT INTO hazards.fam_a_leaf VALUES (1, 1, 1)',
          'INSERT INTO hazards.fam_b_root VALUES (1)',
          'INSERT INTO hazards.fam_y_leaf VALUES (1, 1)',
          'INSERT INTO hazards.fam_self VALUES (3, NULL), (2, 3), (1, 2)'
        ],
        b: [
          'INSERT INTO hazards.fam_z_root VALUES (2, 2)',
          'INSERT INTO hazards.fam_a_leaf VALUES (2, 2, 2)',
          'INSERT INTO hazards.fam_b_root VALUES (2)',
          'INSERT INTO hazards.fam_y_leaf VALUES (2, 2)',
          'INSERT INTO hazards.fam_self VALUES (11, NULL), (12, 11), (13, 12), (19, 19)'
        ]
      },
      async ({ fates, alike }) => {
        expect(fates('fam_z_root')).toEqual({ '1,1': 'applied', '2,2': 'applied' })
        for (const table of ['fam_a_leaf', 'fam_b_root', 'fam_y_leaf']) {
          expect(fates(table), table).toEqual({ 1: 'applied', 2: 'applied' })
          expect(await alike(`SELECT * FROM hazards.${table}`)).toBe(true)
        }
        expect(fates('fam_self')).toEqual({
          ...{ 1: 'applied', 2: 'applied', 3: 'applied', 11: 'applied', 12: 'applied', 13: 'applied' },
          19: expect.stringContaining('it points to itself by the foreign key')
        })
      }
    )

    hazard(
      'unique values: those that swap or go round are parked on the way, one that is free in time is taken',
      {
        both: [
          `CREATE TABLE hazards.uniq_round (id INT PRIMARY KEY, u VARCHAR(20) NOT NULL, n INT NOT NULL, UNIQUE KEY u (u), UNIQUE KEY n (n)) ENGINE=InnoDB`,
          'CREATE TABLE hazards.uniq_freed (id INT PRIMARY KEY, u INT NOT NULL UNIQUE) ENGINE=InnoDB'
        ],
        a: [
          "INSERT INTO hazards.uniq_round VALUES (1, 'x', 1), (2, 'y', 2), (3, 'p', 3), (4, 'q', 4), (5, 'r', 5)",
          'INSERT INTO hazards.uniq_freed VALUES (1, 7), (3, 8)'
        ],
        b: [
          "INSERT INTO hazards.uniq_round VALUES (1, 'y', 2), (2, 'x', 1), (3, 'q', 3), (4, 'r', 4), (5, 'p', 5)",
          'INSERT INTO hazards.uniq_freed VALUES (2, 7), (3, 9)'
        ]
      },
      async ({ fates, alike }) => {
        expect(fates('uniq_round')).toEqual({ 1: 'applied', 2: 'applied', 3: 'applied', 4: 'applied', 5: 'applied' })
        expect(await alike('SELECT * FROM hazards.uniq_round ORDER BY id')).toBe(true)
        expect(fates('uniq_freed')).toEqual({ 1: 'applied', 2: 'applied', 3: 'applied' })
        expect(await alike('SELECT * FROM hazards.uniq_freed ORDER BY id')).toBe(true)
      }
    )

    hazard(
      'ON UPDATE CURRENT_TIMESTAMP: the time stays as it is',
      {
        both: [
          `CREATE TABLE hazards.stamped (id INT PRIMARY KEY, v INT, t TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
            d DATETIME NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP) ENGINE=InnoDB`
        ],
        a: [
          "INSERT INTO hazards.stamped VALUES (1, 1, '2020-01-02 03:04:05.678901', '2020-01-02 03:04:05'), (2, 1, NULL, NULL)"
        ],
        b: [
          "INSERT INTO hazards.stamped VALUES (1, 2, '2020-01-02 03:04:05.678901', '2020-01-02 03:04:05'), (2, 2, NULL, NULL)"
        ]
      },
      async ({ fates, rows }) => {
        expect(fates('stamped')).toEqual({ 1: 'applied', 2: 'applied' })
        expect(
          await rows("SELECT id, v, t = '2020-01-02 03:04:05.678901' AS t, d FROM hazards.stamped ORDER BY id")
        ).toEqual([
          { id: '1', v: '1', t: '1', d: '2020-01-02 03:04:05' },
          { id: '2', v: '1', t: null, d: null }
        ])
      }
    )

    hazard(
      'generated columns: left out of writes, and right; a clash that only they show is refused by the server, unharmed',
      {
        both: [
          `CREATE TABLE hazards.made (id INT PRIMARY KEY, n INT, v INT AS (n + 1) VIRTUAL, s INT AS (n * 2) STORED) ENGINE=InnoDB`,
          `CREATE TABLE hazards.made_unique (id INT PRIMARY KEY, n INT, s INT AS (ABS(n)) STORED, UNIQUE KEY s (s)) ENGINE=InnoDB`
        ],
        a: [
          'INSERT INTO hazards.made (id, n) VALUES (1, 10), (2, 20)',
          'INSERT INTO hazards.made_unique (id, n) VALUES (1, 5), (2, 6)'
        ],
        b: [
          'INSERT INTO hazards.made (id, n) VALUES (2, 21)',
          'INSERT INTO hazards.made_unique (id, n) VALUES (2, 7), (3, -5)'
        ]
      },
      async ({ fates, warnings, alike }) => {
        expect(fates('made')).toEqual({ 1: 'applied', 2: 'applied' })
        expect(await alike('SELECT * FROM hazards.made ORDER BY id')).toBe(true)
        expect(fates('made_unique')).toEqual({
          1: expect.stringMatching(/^refused: on b: Duplicate entry/),
          2: 'applied',
          3: 'applied'
        })
        expect(warnings()).toContainEqual(
          expect.stringMatching(/^hazards.made_unique on b: values of s cannot be looked up/)
        )
      }
    )

    hazard(
      'id 0, zero dates and dates that there are not: written as they are',
      {
        both: [
          'CREATE TABLE hazards.zero_id (id INT AUTO_INCREMENT PRIMARY KEY, v INT) ENGINE=InnoDB',
          `CREATE TABLE hazards.odd_dates (id INT PRIMARY KEY, d DATE, dt DATETIME, t TIMESTAMP NULL) ENGINE=InnoDB`
        ],
        a: [
          LAX,
          'INSERT INTO hazards.zero_id VALUES (0, 1)',
          "INSERT INTO hazards.odd_dates VALUES (1, '0000-00-00', '0000-00-00', '0000-00-00'), (2, '2021-02-31', '2021-04-31 10:00:00', NULL), (3, '2021-00-00', '2021-05-00', NULL)"
        ],
        b: [
          LAX,
          "INSERT INTO hazards.odd_dates VALUES (2, '2021-02-01', NULL, '0000-00-00'), (4, '0000-00-00', NULL, NULL)"
        ]
      },
      async ({ fates, rows, alike }) => {
        expect(fates('zero_id')).toEqual({ 0: 'applied' })
        expect(await rows('SELECT id FROM hazards.zero_id')).toEqual([{ id: '0' }])
        expect(fates('odd_dates')).toEqual({ 1: 'applied', 2: 'applied', 3: 'applied', 4: 'applied' })
        expect(await alike('SELECT * FROM hazards.odd_dates ORDER BY id')).toBe(true)
      }
    )

    hazard(
      'FLOAT, DOUBLE and -0: found by their guard, and written to the last bit',
      {
        both: ['CREATE TABLE hazards.floats (id INT PRIMARY KEY, f FLOAT, d DOUBLE) ENGINE=InnoDB'],
        a: [
          'INSERT INTO hazards.floats VALUES (1, 1.1, 0.1), (2, 0.1, 2e0/3), (3, 3.402823466e38, 1.7976931348623157e308), (4, 1.5, -0e0)'
        ],
        b: ['INSERT INTO hazards.floats VALUES (1, 1.1, 0.2), (2, 0.3, 1e0/3), (4, 1.1, 0e0), (5, 1.1, -0e0)']
      },
      async ({ fates, alike }) => {
        expect(fates('floats')).toEqual({ 1: 'applied', 2: 'applied', 3: 'applied', 4: 'applied', 5: 'applied' })
        expect(await alike('SELECT id, f + 0e0 AS f, CONCAT(d) AS d FROM hazards.floats ORDER BY id')).toBe(true)
      }
    )

    hazard(
      'keys that the collation takes for equal, keys of bytes and keys of several columns',
      {
        both: [
          'CREATE TABLE hazards.collated (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, v INT) ENGINE=InnoDB',
          'CREATE TABLE hazards.bytes_key (k BINARY(16), n DECIMAL(6,2), v INT, PRIMARY KEY (k, n)) ENGINE=InnoDB'
        ],
        a: [
          "INSERT INTO hazards.collated VALUES ('Abc', 1), ('É', 1), ('pad ', 1), ('it''s', 1)",
          "INSERT INTO hazards.bytes_key VALUES (X'00112233445566778899AABBCCDDEEFF', 1.5, 1), (X'FF', 2, 1)"
        ],
        b: [
          "INSERT INTO hazards.collated VALUES ('ABC', 2), ('é', 1), ('pad', 1), ('gone', 1)",
          "INSERT INTO hazards.bytes_key VALUES (X'00112233445566778899AABBCCDDEEFF', 1.5, 2), (X'00', 3, 1)"
        ]
      },
      async ({ fates, alike }) => {
        expect(new Set(Object.values(fates('collated')))).toEqual(new Set(['applied']))
        expect(Object.keys(fates('collated'))).toHaveLength(5)
        expect(await alike('SELECT HEX(k) AS k, v FROM hazards.collated ORDER BY 1')).toBe(true)
        expect(Object.values(fates('bytes_key'))).toEqual(['applied', 'applied', 'applied'])
        expect(await alike('SELECT * FROM hazards.bytes_key ORDER BY 1, 2')).toBe(true)
      }
    )

    hazard(
      'BIT, JSON, sets of characters and a megabyte of bytes',
      {
        both: [
          `CREATE TABLE hazards.odd_types (id INT PRIMARY KEY, b BIT(10), j JSON, l LONGBLOB, t TEXT CHARACTER SET latin1,
            e ENUM('x','y') CHARACTER SET utf8mb4, y YEAR) ENGINE=InnoDB`
        ],
        a: [
          `INSERT INTO hazards.odd_types VALUES (1, b'1000000001', '{"a": [1, "x"], "é": null}', REPEAT(X'00FF275C', 262144), 'é', 'x', 0),
            (2, b'0', '1.5', CONCAT(REPEAT(X'00FF275C', 262143), X'00FF2700'), '', NULL, 2155)`
        ],
        b: [
          `INSERT INTO hazards.odd_types VALUES (2, b'1', '1.25', REPEAT(X'00FF275C', 262144), ' ', 'y', 1999), (3, b'1', NULL, NULL, NULL, NULL, NULL)`
        ]
      },
      async ({ fates, alike }) => {
        expect(fates('odd_types')).toEqual({ 1: 'applied', 2: 'applied', 3: 'applied' })
        expect(
          await alike(
            'SELECT id, b + 0 AS b, j, SHA2(l, 256) AS l, HEX(t) AS t, e, y FROM hazards.odd_types ORDER BY id'
          )
        ).toBe(true)
      }
    )

    hazard(
      'tables without transactions, or without a key: refused',
      {
        both: [
          'CREATE TABLE hazards.myisam (id INT PRIMARY KEY, v INT) ENGINE=MyISAM',
          `CREATE TABLE hazards.aria (id INT PRIMARY KEY, v INT) ENGINE=${isMysql ? 'MyISAM' : 'Aria'}`,
          'CREATE TABLE hazards.keyless (v INT) ENGINE=InnoDB',
          `CREATE TABLE hazards.versioned (id INT PRIMARY KEY, v INT) ${isMysql ? 'ENGINE=MyISAM' : 'WITH SYSTEM VERSIONING'}`
        ],
        a: [
          'INSERT INTO hazards.myisam VALUES (1, 1)',
          'INSERT INTO hazards.aria VALUES (1, 1)',
          'INSERT INTO hazards.versioned VALUES (1, 1)',
          'INSERT INTO hazards.keyless VALUES (1), (2)'
        ],
        b: ['INSERT INTO hazards.myisam VALUES (1, 2)', 'INSERT INTO hazards.keyless VALUES (1)']
      },
      async ({ fates, rows }) => {
        expect(fates('myisam')).toEqual({
          1: 'refused: on b: its engine MyISAM has no transactions: nothing could be taken back'
        })
        expect(fates('aria')).toEqual({ 1: expect.stringContaining('has no transactions') })
        expect(fates('versioned')).toEqual({ 1: expect.stringMatching(isMysql ? /transactions/ : /system versioned/) })
        expect(Object.values(fates('keyless'))).toEqual([expect.stringMatching(/^refused: .*has no key/)])
        expect(await rows('SELECT * FROM hazards.keyless')).toHaveLength(1)
      }
    )

    hazard(
      'definitions that drifted: rows are inserted and deleted only if every column is known, and updated always',
      {
        both: ['CREATE TABLE hazards.drift (id INT PRIMARY KEY, v INT) ENGINE=InnoDB'],
        a: ['INSERT INTO hazards.drift VALUES (1, 1), (2, 1)'],
        b: [
          'ALTER TABLE hazards.drift ADD extra INT NOT NULL DEFAULT 7',
          'INSERT INTO hazards.drift VALUES (2, 2, 8), (3, 1, 9)'
        ]
      },
      async ({ fates, rows }) => {
        expect(fates('drift')).toEqual({
          1: expect.stringMatching(/^refused: a whole row cannot be written: .*extra/),
          2: 'applied',
          3: expect.stringMatching(/^refused: a deleted row could not be brought back: .*extra/)
        })
        expect(await rows('SELECT * FROM hazards.drift WHERE id = 2')).toEqual([{ id: '2', v: '1', extra: '8' }])
      }
    )

    hazard(
      'narrower types: what is not stored exactly is refused, and the row is as before',
      {
        both: [
          'CREATE TABLE hazards.narrow_text (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB',
          'CREATE TABLE hazards.narrow_int (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
          'CREATE TABLE hazards.narrow_decimal (id INT PRIMARY KEY, v DECIMAL(10,4)) ENGINE=InnoDB',
          'CREATE TABLE hazards.narrow_time (id INT PRIMARY KEY, v DATETIME(6)) ENGINE=InnoDB'
        ],
        a: [
          "INSERT INTO hazards.narrow_text VALUES (1, 'much too long'), (2, 'fits')",
          'INSERT INTO hazards.narrow_int VALUES (1, 1000), (2, 100)',
          'INSERT INTO hazards.narrow_decimal VALUES (1, 1.2345), (2, 1.2300)',
          "INSERT INTO hazards.narrow_time VALUES (1, '2020-01-01 00:00:00.123456'), (2, '2020-01-01 00:00:00')"
        ],
        b: [
          'ALTER TABLE hazards.narrow_text MODIFY v VARCHAR(5)',
          'ALTER TABLE hazards.narrow_int MODIFY v TINYINT',
          'ALTER TABLE hazards.narrow_decimal MODIFY v DECIMAL(10,2)',
          'ALTER TABLE hazards.narrow_time MODIFY v DATETIME',
          "INSERT INTO hazards.narrow_text VALUES (1, 'old'), (2, 'old')",
          'INSERT INTO hazards.narrow_int VALUES (1, 1), (2, 1)',
          'INSERT INTO hazards.narrow_decimal VALUES (1, 1), (2, 1)',
          "INSERT INTO hazards.narrow_time VALUES (1, '2020-01-01 00:00:01'), (2, '2020-01-01 00:00:01')"
        ]
      },
      async ({ fates, rows }) => {
        for (const table of ['narrow_text', 'narrow_int', 'narrow_decimal', 'narrow_time']) {
          expect(fates(table), table).toEqual({ 1: expect.stringMatching(/^refused: on b: /), 2: 'applied' })
        }
        expect(await rows('SELECT v FROM hazards.narrow_text ORDER BY id')).toEqual([{ v: 'old' }, { v: 'fits' }])
        expect(await rows('SELECT v FROM hazards.narrow_decimal ORDER BY id')).toEqual([{ v: '1.00' }, { v: '1.23' }])
      }
    )

    hazard(
      'columns of one master that move with every update: stay as they are',
      {
        both: [
          'CREATE TABLE hazards.drift_moving (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
          'CREATE TABLE hazards.drift_generated (id INT PRIMARY KEY, v INT, g INT) ENGINE=InnoDB'
        ],
        a: ['INSERT INTO hazards.drift_moving VALUES (1, 1)', 'INSERT INTO hazards.drift_generated VALUES (1, 1, 2)'],
        b: [
          'ALTER TABLE hazards.drift_moving ADD changed DATETIME NULL ON UPDATE CURRENT_TIMESTAMP',
          "INSERT INTO hazards.drift_moving VALUES (1, 2, '2020-01-01')",
          'ALTER TABLE hazards.drift_generated DROP g, ADD g INT AS (v + 1) STORED',
          'INSERT INTO hazards.drift_generated (id, v) VALUES (1, 3)'
        ]
      },
      async ({ fates, rows }) => {
        expect(fates('drift_moving')).toEqual({ 1: 'applied' })
        expect(await rows('SELECT v, changed FROM hazards.drift_moving')).toEqual([
          { v: '1', changed: '2020-01-01 00:00:00' }
        ])
        expect(fates('drift_generated')).toEqual({
          1: 'refused: column g is generated on some masters and stored on others'
        })
      }
    )

    hazard(
      'rows that the table does not take (a CHECK, no partition, no parent, a collation with fewer keys): refused one by one',
      {
        both: [
          'CREATE TABLE hazards.no_check (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
          'CREATE TABLE hazards.no_partition (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
          'CREATE TABLE hazards_far.parents (id INT PRIMARY KEY) ENGINE=InnoDB',
          `CREATE TABLE hazards.no_parent (id INT PRIMARY KEY, parent INT, CONSTRAINT to_parent FOREIGN KEY (parent)
            REFERENCES hazards_far.parents (id)) ENGINE=InnoDB`,
          'CREATE TABLE hazards.no_null (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
          'CREATE TABLE hazards.no_charset (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb4) ENGINE=InnoDB',
          'CREATE TABLE hazards.no_room (id INT PRIMARY KEY, u VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, UNIQUE KEY u (u)) ENGINE=InnoDB'
        ],
        a: [
          'INSERT INTO hazards.no_check VALUES (1, 9), (2, 1)',
          'INSERT INTO hazards.no_partition VALUES (1, 1), (200, 1)',
          'INSERT INTO hazards_far.parents VALUES (1), (2)',
          'INSERT INTO hazards.no_parent VALUES (1, 1), (2, 2)',
          'INSERT INTO hazards.no_null VALUES (1, NULL), (2, 2)',
          "INSERT INTO hazards.no_charset VALUES (1, 'Ω'), (2, 'é')",
          "INSERT INTO hazards.no_room VALUES (1, 'x'), (2, 'X'), (3, 'y')"
        ],
        b: [
          'ALTER TABLE hazards.no_check ADD CONSTRAINT small CHECK (v < 5)',
          'ALTER TABLE hazards.no_partition PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (100))',
          'INSERT INTO hazards_far.parents VALUES (2)',
          'ALTER TABLE hazards.no_null MODIFY v INT NOT NULL',
          'ALTER TABLE hazards.no_charset MODIFY v VARCHAR(9) CHARACTER SET latin1',
          'ALTER TABLE hazards.no_room MODIFY u VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci'
        ]
      },
      async ({ fates }) => {
        expect(fates('no_check')).toEqual({ 1: expect.stringMatching(/^refused: on b: .*small/), 2: 'applied' })
        expect(fates('no_partition')).toEqual({
          1: 'applied',
          200: expect.stringMatching(/^refused: on b: .*partition/)
        })
        expect(fates('no_parent')).toEqual({
          1: expect.stringMatching(
            /^refused: on b: the row it points to by .* to_parent, hazards_far.parents \(id = 1\), is not on this master/
          ),
          2: 'applied'
        })
        expect(fates('no_null')).toEqual({ 1: expect.stringMatching(/^refused: on b: .*null/), 2: 'applied' })
        expect(fates('no_charset')).toEqual({ 1: expect.stringMatching(/^refused: on b: /), 2: 'applied' })
        expect(fates('no_room')).toEqual({ 1: 'applied', 2: expect.stringMatching(/^refused: on b: /), 3: 'applied' })
      }
    )

    it('all: undo brings every row of b back', async () => {
      const undone = await undoRun(lab, repair)
      expect(undone.stderr).toBe('')
      expect(await contents()).toEqual(before)
      expect(undone.code).toBe(0)
    })
  })

  it('--allow-triggers: the row that is read back decides; the others of its table and of its transaction go on', async () => {
    const names = ['tame', 'alters', 'writes_beside', 'broken', 'says_no']
    const trigger = (name: string, when: string, body: string) =>
      `CREATE TRIGGER hazards_triggers.${name} ${when} ON hazards_triggers.${name} FOR EACH ROW ${body}`
    await plant({
      both: [
        ...names.map((name) => `CREATE TABLE hazards_triggers.${name} (id INT PRIMARY KEY, v INT) ENGINE=InnoDB`),
        'CREATE TABLE hazards_far.beside (said VARCHAR(20)) ENGINE=InnoDB',
        ...names.map((name) => `INSERT INTO hazards_triggers.${name} VALUES (1, 1), (2, 1)`)
      ],
      b: [
        ...names.map((name) => `UPDATE hazards_triggers.${name} SET v = 2`),
        'INSERT INTO hazards_triggers.says_no VALUES (3, 3)',
        trigger('tame', 'BEFORE UPDATE', 'SET NEW.v = NEW.v'),
        trigger('alters', 'BEFORE UPDATE', 'SET NEW.v = NEW.v + (NEW.id = 1)'),
        `CREATE TRIGGER hazards_triggers.after_alters AFTER UPDATE ON hazards_triggers.alters FOR EACH ROW
          INSERT INTO hazards_far.beside VALUES (CONCAT('altered ', NEW.id))`,
        trigger('writes_beside', 'AFTER UPDATE', "INSERT INTO hazards_far.beside VALUES (CONCAT('wrote ', NEW.id))"),
        trigger('broken', 'AFTER UPDATE', 'INSERT INTO hazards_far.nowhere VALUES (1)'),
        trigger('says_no', 'BEFORE DELETE', "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'never delete'")
      ]
    })
    const repair = await repairRun(lab, ['hazards_triggers.*', '--policy', 'prefer:a', '--allow-triggers'])
    expect(repair.fates('tame')).toEqual({ 1: 'applied', 2: 'applied' })
    expect(repair.fates('alters')).toEqual({ 1: 'refused: on b: reads back otherwise than wanted in v', 2: 'applied' })
    expect(repair.fates('broken')).toEqual({
      1: expect.stringMatching(/^failed: .*nowhere/),
      2: expect.stringMatching(/^failed: /)
    })
    expect(repair.fates('says_no')).toEqual({ 1: 'applied', 2: 'applied', 3: 'refused: on b: never delete' })
    expect(repair.fates('writes_beside')).toEqual({ 1: 'applied', 2: 'applied' })
    expect(repair.summary.warnings).toContainEqual(
      expect.stringMatching(
        /^hazards_triggers.writes_beside on b: triggers run: writes_beside \(AFTER UPDATE\); what they write elsewhere/
      )
    )
    // What the trigger of the row that was taken back had written was taken back with it.
    const beside = await lab.query('b', 'SELECT said FROM hazards_far.beside ORDER BY 1')
    expect(beside.map(({ said }) => said)).toEqual(['altered 2', 'wrote 1', 'wrote 2'])
    expect(repair.run.code).toBe(2)
  })

  it('--where and --ignore-columns: rows outside are left alone, and columns that are ignored too, except in new rows', async () => {
    await plant({
      both: [
        'CREATE TABLE hazards_part.parts (id INT PRIMARY KEY, grp INT, v INT, synced INT, t DATETIME NULL ON UPDATE CURRENT_TIMESTAMP) ENGINE=InnoDB'
      ],
      a: [
        'INSERT INTO hazards_part.parts VALUES (1, 1, 1, 10, NULL), (2, 1, 1, 10, NULL), (3, 1, 1, 30, NULL), (4, 2, 1, 10, NULL), (5, 1, 1, 10, NULL)'
      ],
      b: [
        'INSERT INTO hazards_part.parts VALUES (1, 2, 7, 20, NULL), (2, 1, 2, 20, NULL), (5, 1, 1, 20, NULL), (6, 2, 1, 20, NULL)'
      ]
    })
    const only = ['--where', 'grp = 1', '--ignore-columns', 'synced,t']
    const repair = await repairRun(lab, ['hazards_part.*', '--policy', 'prefer:a', ...only])
    expect(repair.fates('parts')).toEqual({
      1: 'stale: b has the row by now, or has it outside the condition of the audit',
      2: 'applied',
      3: 'applied'
    })
    const rows = await lab.query(
      'b',
      "SELECT CONCAT_WS(' ', id, grp, v, synced, t) AS row_text FROM hazards_part.parts ORDER BY id"
    )
    expect(rows.map((row) => row.row_text)).toEqual(['1 2 7 20', '2 1 1 20', '3 1 1 30', '5 1 1 20', '6 2 1 20'])
  })

  it('a unique value that another row holds: refused, naming that row, on both sides', async () => {
    await plant({
      both: [
        'CREATE TABLE hazards_union.held (id INT PRIMARY KEY, u VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, UNIQUE KEY u (u)) ENGINE=InnoDB'
      ],
      a: ["INSERT INTO hazards_union.held VALUES (10, 'x'), (11, 'free')"],
      b: ["INSERT INTO hazards_union.held VALUES (12, 'X')"]
    })
    const repair = await repairRun(lab, ['hazards_union.*', '--policy', 'missing=union'])
    expect(repair.fates('held')).toEqual({
      10: "refused: on b: another row, hazards_union.held (id = 12), has that value of the unique key u (u = 'x')",
      11: 'applied',
      12: "refused: on a: another row, hazards_union.held (id = 10), has that value of the unique key u (u = 'X')"
    })
    expect(await lab.query('b', 'SELECT id FROM hazards_union.held ORDER BY 1')).toEqual([{ id: '11' }, { id: '12' }])
  })

  describe('limits', () => {
    beforeAll(async () => {
      const numbers = Array.from({ length: 1000 }, (_, at) => `(${at}, 0)`)
      await plant({
        both: [
          'CREATE TABLE hazards_limits.many (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
          'CREATE TABLE hazards_limits.emptied (id INT PRIMARY KEY, v INT) ENGINE=InnoDB',
          `INSERT INTO hazards_limits.many VALUES ${numbers.join()}`
        ],
        a: [`INSERT INTO hazards_limits.emptied VALUES ${numbers.slice(0, 40).join()}`],
        b: [
          'UPDATE hazards_limits.many SET v = 1 WHERE id < 148',
          'INSERT INTO hazards_limits.many VALUES (2000, 0), (2001, 0)',
          `INSERT INTO hazards_limits.emptied VALUES ${numbers.slice(0, 19).join()}`
        ]
      })
    })

    it.each([
      ['many', ['--max-rows', '149'], /more divergent rows than --max-rows 149/],
      ['many', ['--max-percent', '100', '--max-deletes', '1'], /^2 rows would be deleted, more than --max-deletes 1$/],
      ['many', [], /^150 of about 1002 rows of hazards_limits.many would change on b, more than --max-percent 10$/],
      ['emptied', [], /^hazards_limits.emptied looks emptied on b: 19 rows there, 40 elsewhere; .*--allow-emptied/]
    ])('stop the plan for %s %j: nothing is written', async (table, flags, why) => {
      const before = await lab.query('b', `SELECT * FROM hazards_limits.${table} ORDER BY id`)
      const repair = await repairRun(lab, [`hazards_limits.${table}`, '--policy', 'prefer:a', ...flags])
      expect(repair.summary.stopped).toMatch(why)
      expect(repair.summary.rows).toMatchObject({ applied: 0 })
      expect(repair.run.stdout).toContain('Stopped: ')
      expect(repair.run.code).toBe(2)
      expect(await lab.query('b', `SELECT * FROM hazards_limits.${table} ORDER BY id`)).toEqual(before)
    })

    it('let go on what is said to be right', async () => {
      const flags = ['--max-percent', '100', '--allow-emptied']
      const repair = await repairRun(lab, ['hazards_limits.*', '--policy', 'prefer:a', ...flags])
      expect(repair.summary).toMatchObject({ stopped: null, rows: { applied: 171 } })
      expect(repair.run.code).toBe(0)
    })
  })
})
