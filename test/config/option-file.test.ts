import { expect, test } from 'vitest'
import { parseOptionFile } from '../../src/config/option-file.js'

test('reads the groups of the client and of mmaudit by the rules of the mysql client', () => {
  const text = `
# a comment
; another
user = nobody
[mmaudit]
user=auditor # a remark
[client]
user = dba
password = "p#1\\"x\\s" # quoted
host='db 1'
port=3307
ssl_mode = REQUIRED
ssl-ca = C:\\certs\\ca.pem
unknown = 1
skip-name-resolve
[mysqld]
user = mysql
socket = /run/other.sock
`
  expect(parseOptionFile('my.cnf', text)).toEqual({
    values: {
      user: 'auditor',
      password: 'p#1"x ',
      host: 'db 1',
      port: '3307',
      'ssl-mode': 'REQUIRED',
      'ssl-ca': 'C:\\certs\\ca.pem'
    },
    warnings: []
  })
})

test('says what it does not follow', () => {
  expect(parseOptionFile('my.cnf', '!includedir /etc/mysql/conf.d/\n').warnings).toEqual([
    'my.cnf:1: !include is not supported; name the included file as defaultsFile instead'
  ])
})
