/** How programs of the bench log in to a master: as the audit does. */
export function account(port) {
  return {
    name: String(port),
    host: '127.0.0.1',
    port: Number(port),
    socketPath: null,
    user: 'mmaudit',
    password: null,
    sslMode: 'DISABLED',
    sslCa: null,
    sslCert: null,
    sslKey: null
  }
}
