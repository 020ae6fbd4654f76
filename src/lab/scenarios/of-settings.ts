import type { Vendor } from '../../model/master.js'
import { locally, type Scenario, settings } from './scenario.js'

const isMysql = (vendor: Vendor) => vendor === 'mysql'
const stop = (vendor: Vendor) => (isMysql(vendor) ? 'STOP REPLICA' : 'STOP SLAVE')
const start = (vendor: Vendor) => (isMysql(vendor) ? 'START REPLICA' : 'START SLAVE')
const restarted = (vendor: Vendor, ...between: readonly string[]) => [stop(vendor), ...between, start(vendor)]

/** What settings, tables and counters can be wrong; the first master is `a`. */
export const SETTING_SCENARIOS = {
  'lanes-off': settings('every master numbers 1, 2, 3, …', {
    all: ['SET GLOBAL auto_increment_increment = 1', 'SET GLOBAL auto_increment_offset = 1']
  }),
  'lanes-clash': settings('every master numbers in the first lane', { all: ['SET GLOBAL auto_increment_offset = 1'] }),
  'lanes-foreign': settings('there is one lane more than masters, and rows in it', {
    all: ['SET GLOBAL auto_increment_increment = 3']
  }),
  'ids-exhausted': settings('there is a table whose ids have come to their end', {
    all: locally(
      'CREATE TABLE coupons (id TINYINT AUTO_INCREMENT PRIMARY KEY, code CHAR(4))',
      "INSERT INTO coupons VALUES (126, 'LAST'), (127, 'ONES')"
    )
  }),
  'same-server-id': settings('b has the server_id of a', { 1: ['SET GLOBAL server_id = 1'] }),
  idempotent: settings('the applier of b passes over what it cannot apply', (vendor) => ({
    1: [`SET GLOBAL ${isMysql(vendor) ? 'replica' : 'slave'}_exec_mode = 'IDEMPOTENT'`]
  })),
  'skip-counter': settings(
    'the applier of b stands still and will pass over the next transaction',
    { 1: ['STOP SLAVE SQL_THREAD', 'SET GLOBAL sql_slave_skip_counter = 1'] },
    ['mariadb']
  ),
  filtered: settings('a applies no changes of sessions', (vendor) => ({
    0: restarted(
      vendor,
      isMysql(vendor)
        ? 'CHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = (retail_db.sessions)'
        : "SET GLOBAL replicate_ignore_table = 'retail_db.sessions'"
    )
  })),
  delayed: settings('a applies everything ten seconds late', (vendor) => ({
    0: restarted(
      vendor,
      isMysql(vendor) ? 'CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 10' : 'CHANGE MASTER TO MASTER_DELAY = 10'
    )
  })),
  'by-file': settings('b asks for writes by file and position', (vendor) => ({
    1: restarted(
      vendor,
      isMysql(vendor)
        ? 'CHANGE REPLICATION SOURCE TO SOURCE_AUTO_POSITION = 0'
        : 'CHANGE MASTER TO MASTER_USE_GTID = no'
    )
  })),
  'applier-off': settings('the applier of b stands still', (vendor) => ({ 1: [`${stop(vendor)} SQL_THREAD`] })),
  'receiver-off': settings('the receiver of b stands still', (vendor) => ({ 1: [`${stop(vendor)} IO_THREAD`] })),
  'one-way': settings('a does not replicate from b', (vendor) => ({
    0: [stop(vendor), isMysql(vendor) ? 'RESET REPLICA ALL' : 'RESET SLAVE ALL']
  })),
  statements: settings('a logs statements', (vendor) => ({
    0: restarted(vendor, "SET GLOBAL binlog_format = 'STATEMENT'")
  })),
  'minimal-image': settings('b logs of rows only what changed', { 1: ["SET GLOBAL binlog_row_image = 'MINIMAL'"] }),
  'short-retention': settings('a keeps its binlogs for an hour', {
    0: ['SET GLOBAL binlog_expire_logs_seconds = 3600']
  }),
  'one-domain': settings('both masters write in the first GTID domain', { all: ['SET GLOBAL gtid_domain_id = 1'] }, [
    'mariadb'
  ]),
  'lax-gtid': settings('a is not strict about GTIDs', (vendor) => ({
    0: [isMysql(vendor) ? 'SET GLOBAL gtid_mode = ON_PERMISSIVE' : 'SET GLOBAL gtid_strict_mode = 0']
  })),
  'lax-mode': settings('a cuts values that do not fit', { 0: ["SET GLOBAL sql_mode = ''"] }),
  'other-zone': settings('b is five hours east', { 1: ["SET GLOBAL time_zone = '+05:00'"] }),
  'other-charset': settings('b creates tables in another character set', {
    1: ['SET GLOBAL character_set_server = latin1', 'SET GLOBAL collation_server = latin1_swedish_ci']
  }),
  'read-only': settings('b takes no writes', { 1: ['SET GLOBAL read_only = ON'] }),
  'no-key': settings('there is a table without a key', {
    all: locally('CREATE TABLE notes (note VARCHAR(80) NOT NULL)', "INSERT INTO notes VALUES ('one'), ('two')")
  }),
  'no-transactions': settings('there is a table without transactions', {
    all: locally('CREATE TABLE plain (id INT PRIMARY KEY) ENGINE = MyISAM')
  }),
  trigger: settings('there is a trigger on stores', {
    all: locally('CREATE TRIGGER stores_named BEFORE UPDATE ON stores FOR EACH ROW SET NEW.manager = TRIM(NEW.manager)')
  }),
  cascade: settings('there are rows that go with a customer', {
    all: locally(
      'CREATE TABLE cards (id INT PRIMARY KEY, customer_id INT, CONSTRAINT cards_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id) ON DELETE CASCADE)'
    )
  })
} as const satisfies Readonly<Record<string, Scenario>>
