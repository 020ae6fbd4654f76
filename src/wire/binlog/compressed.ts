import { inflateSync } from 'node:zlib'

/**
 * What MariaDB compressed under `log_bin_compress`: a byte that tells how many bytes the length takes, the length, and a
 * zlib stream. Source: `binlog_buf_compress` in `sql/log_event.cc`.
 */
export function inflateMariadb(bytes: Buffer): Buffer {
  return inflateSync(bytes.subarray(1 + ((bytes[0] ?? 0) & 0x07)))
}
