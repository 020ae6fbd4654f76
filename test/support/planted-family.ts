import type { RepairLab } from './repair-lab.js'

/** Who points to whom: three levels, a composite reference, one to the own table, and one that no foreign key declares. */
const TABLES = [
  `CREATE TABLE kin.customers (customer_id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(40) NOT NULL UNIQUE,
     name VARCHAR(40) NOT NULL, recruiter INT NULL, FOREIGN KEY (recruiter) REFERENCES kin.customers (customer_id))`,
  `CREATE TABLE kin.cards (customer_id INT NOT NULL, card_no INT NOT NULL, label VARCHAR(20) NOT NULL,
     PRIMARY KEY (customer_id, card_no), FOREIGN KEY (customer_id) REFERENCES kin.customers (customer_id))`,
  `CREATE TABLE kin.payments (payment_id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, card_no INT NOT NULL,
     note VARCHAR(20) NOT NULL, FOREIGN KEY (customer_id, card_no) REFERENCES kin.cards (customer_id, card_no))`,
  `CREATE TABLE kin.orders (order_id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, note VARCHAR(20) NOT NULL,
     region VARCHAR(20) NOT NULL, FOREIGN KEY (customer_id) REFERENCES kin.customers (customer_id))`,
  `CREATE TABLE kin.items (item_id INT AUTO_INCREMENT PRIMARY KEY, order_id INT NOT NULL, what VARCHAR(20) NOT NULL,
     FOREIGN KEY (order_id) REFERENCES kin.orders (order_id))`,
  'CREATE TABLE kin.visits (visit_id INT AUTO_INCREMENT PRIMARY KEY, who INT NOT NULL, page VARCHAR(20) NOT NULL, KEY (who))'
]

const NAMES = ['customers', 'cards', 'payments', 'orders', 'items', 'visits'] as const

/** What the configuration says of the reference that no foreign key declares. */
export const REFERENCES = [{ from: 'kin.visits', columns: ['who'], to: 'kin.customers', key: ['customer_id'] }]

/** Everything in the tables of the family on each master. */
export type Kin = Readonly<Record<string, unknown>>

/** The tables, with nothing in them. */
export async function createKin(on: RepairLab): Promise<void> {
  await on.everywhere('DROP DATABASE IF EXISTS kin', 'CREATE DATABASE kin', ...TABLES)
}

/**
 * Lets a (odd ids) and b (even ids) give customer 7 and orders 43 and 46 to two different rows each, with all that points to
 * them: each master has a row that has to move.
 * Orders 40 and 44 and visit 22 were written on b for its customer 7, and have arrived on a.
 */
export async function plantFamily(on: RepairLab): Promise<void> {
  await createKin(on)
  await on.everywhere(
    "INSERT INTO kin.customers VALUES (1, 'eve@x', 'Eve', NULL), (2, 'dan@x', 'Dan', 1)",
    "INSERT INTO kin.orders VALUES (1, 1, 'eve-1', 'north'), (2, 2, 'dan-2', 'north')"
  )
  await on.lab.runLocally(
    'a',
    "INSERT INTO kin.customers VALUES (7, 'ann@x', 'Ann', 1), (9, 'fay@x', 'Fay', 7)",
    "INSERT INTO kin.cards VALUES (7, 1, 'ann-card')",
    "INSERT INTO kin.payments VALUES (11, 7, 1, 'ann-pays')",
    "INSERT INTO kin.orders VALUES (41, 7, 'ann-41', 'east'), (43, 7, 'ann-43', 'east'), (46, 7, 'ann-46', 'east')",
    "INSERT INTO kin.items VALUES (101, 43, 'ann-43-pen'), (105, 46, 'ann-46-ink')",
    "INSERT INTO kin.visits VALUES (21, 7, 'ann-page')"
  )
  await on.lab.runLocally(
    'b',
    "INSERT INTO kin.customers VALUES (7, 'bob@x', 'Bob', 2), (8, 'guy@x', 'Guy', 7)",
    "INSERT INTO kin.cards VALUES (7, 1, 'bob-card'), (7, 2, 'bob-spare')",
    "INSERT INTO kin.payments VALUES (10, 7, 2, 'bob-pays'), (12, 7, 1, 'bob-pays-too')",
    "INSERT INTO kin.orders VALUES (42, 7, 'bob-42', 'west'), (43, 7, 'bob-43', 'west'), (46, 7, 'bob-46', 'west')",
    "INSERT INTO kin.items VALUES (100, 43, 'bob-43-cup'), (102, 42, 'bob-42-hat')",
    "INSERT INTO kin.visits VALUES (20, 7, 'bob-page')"
  )
  await on.lab.run(
    'b',
    "INSERT INTO kin.orders VALUES (40, 7, 'bob-40', 'west'), (44, 7, 'bob-44', 'west')",
    "INSERT INTO kin.visits VALUES (22, 7, 'bob-again')"
  )
}

/** Everything that stands in the tables, on each master. */
export async function readKin(on: RepairLab): Promise<Kin> {
  const read = NAMES.map(async (table) => [table, await on.ask(`SELECT * FROM kin.${table} ORDER BY 1, 2`)] as const)
  return Object.fromEntries(await Promise.all(read))
}

/** Who owns what, by the names that rows bear, on each master. */
export async function readOwners(on: RepairLab): Promise<unknown> {
  return on.ask(
    `SELECT c.name, 'recruiter' AS what, r.name AS thing FROM kin.customers c JOIN kin.customers r ON r.customer_id = c.recruiter
     UNION ALL SELECT c.name, 'card', k.label FROM kin.cards k JOIN kin.customers c USING (customer_id)
     UNION ALL SELECT k.label, 'payment', p.note FROM kin.payments p JOIN kin.cards k USING (customer_id, card_no)
     UNION ALL SELECT c.name, 'order', o.note FROM kin.orders o JOIN kin.customers c USING (customer_id)
     UNION ALL SELECT o.note, 'item', i.what FROM kin.items i JOIN kin.orders o USING (order_id)
     UNION ALL SELECT c.name, 'visit', v.page FROM kin.visits v JOIN kin.customers c ON c.customer_id = v.who
     ORDER BY 2, 1, 3`
  )
}

/** The truth: who was meant to own what. */
export const OWNERS: readonly { readonly name: string; readonly what: string; readonly thing: string }[] = [
  ['Ann', 'card', 'ann-card'],
  ['Bob', 'card', 'bob-card'],
  ['Bob', 'card', 'bob-spare'],
  ['ann-43', 'item', 'ann-43-pen'],
  ['ann-46', 'item', 'ann-46-ink'],
  ['bob-42', 'item', 'bob-42-hat'],
  ['bob-43', 'item', 'bob-43-cup'],
  ['Ann', 'order', 'ann-41'],
  ['Ann', 'order', 'ann-43'],
  ['Ann', 'order', 'ann-46'],
  ['Bob', 'order', 'bob-40'],
  ['Bob', 'order', 'bob-42'],
  ['Bob', 'order', 'bob-43'],
  ['Bob', 'order', 'bob-44'],
  ['Bob', 'order', 'bob-46'],
  ['Dan', 'order', 'dan-2'],
  ['Eve', 'order', 'eve-1'],
  ['ann-card', 'payment', 'ann-pays'],
  ['bob-card', 'payment', 'bob-pays-too'],
  ['bob-spare', 'payment', 'bob-pays'],
  ['Ann', 'recruiter', 'Eve'],
  ['Bob', 'recruiter', 'Dan'],
  ['Dan', 'recruiter', 'Eve'],
  ['Fay', 'recruiter', 'Ann'],
  ['Guy', 'recruiter', 'Bob'],
  ['Ann', 'visit', 'ann-page'],
  ['Bob', 'visit', 'bob-again'],
  ['Bob', 'visit', 'bob-page']
].map(([name = '', what = '', thing = '']) => ({ name, what, thing }))
