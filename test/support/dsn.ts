/** Where a server is and how to log in as its administrator. */
export interface Dsn {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | null
}

/** Parses `mysql://user:password@host:port|mysql://…`. */
export function parseDsns(kind: string): readonly Dsn[] {
  return kind.split('|').map((text) => {
    const url = new URL(text)
    return {
      host: url.hostname,
      port: Number(url.port || 3306),
      user: decodeURIComponent(url.username || 'root'),
      password: url.password === '' ? null : decodeURIComponent(url.password)
    }
  })
}
