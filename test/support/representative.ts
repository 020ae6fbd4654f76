import { inject } from 'vitest'

/**
 * The first kind of each vendor, for suites that take long and are about what vendors, not versions, do differently. Kinds
 * that were asked for by `MMAUDIT_TEST_SERVERS` are all taken.
 */
export function representativeKinds(): readonly string[] {
  const kinds = inject('serverKinds')
  if ((process.env.MMAUDIT_TEST_SERVERS ?? '') !== '') return kinds
  const vendorOf = (kind: string) => kind.split('-')[0]
  return kinds.filter((kind, at) => kinds.findIndex((other) => vendorOf(other) === vendorOf(kind)) === at)
}
