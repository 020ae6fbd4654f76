import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { globMatches, selectNames } from '../../src/audit/select-tables.js'
import { MmauditError } from '../../src/model/errors.js'

describe('a glob', () => {
  test.each([
    ['shop.items', 'shop.items'],
    ['shop.*', 'shop.items'],
    ['*', 'shop.items'],
    ['*.items', 'shop.items'],
    ['*.it*ms', 'shop.it.items.ms'],
    ['shop.item?', 'shop.items'],
    ['shop.?', 'shop.é'],
    ['shop.?', 'shop.🎉'],
    ['shop.*', 'shop.two\nlines'],
    ['shop.*', 'shop.']
  ])('%s matches %j', (pattern, name) => {
    expect(globMatches(pattern, name)).toBe(true)
  })

  test.each([
    ['shop.items', 'shop.item'],
    ['shop.items', 'shop.items2'],
    ['shop.items', 'myshop.items'],
    ['shop.items', 'shopXitems'],
    ['shop.items', 'shop.Items'],
    ['shop.item?', 'shop.item'],
    ['shop.*', 'shopping.items'],
    ['', 'shop.items']
  ])('%s does not match %j', (pattern, name) => {
    expect(globMatches(pattern, name)).toBe(false)
  })

  test('takes every other character for itself', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c.\\^$|+()[\]{}/-]{1,12}$/), (name) => {
        expect(globMatches(name, name)).toBe(true)
        expect(globMatches(name, `${name}a`)).toBe(false)
        expect(globMatches(`*${name.slice(1)}`, name)).toBe(true)
        expect(globMatches(`?${name.slice(1)}`, name)).toBe(true)
      })
    ))

  test.each(['a+.t', '(a).t', 'a|b.t', '[ab].t', 'a{2}.t', '^a.t$', 'a\\d.t'])(
    '%s is no regular expression',
    (pattern) => {
      for (const name of ['aa.t', 'a.t', 'b.t', 'a1.t']) expect(globMatches(pattern, name)).toBe(false)
    }
  )
})

describe('the names to audit', () => {
  const names = ['crm.people', 'shop.items', 'shop.orders', 'shop.tmp_1']
  const select = (include: readonly string[], exclude: readonly string[] = []) =>
    selectNames(names, include, exclude, 'usage')

  function refusal(action: () => unknown): MmauditError {
    try {
      action()
    } catch (error) {
      if (error instanceof MmauditError) return error
      throw error
    }
    throw new Error('expected an error')
  }

  test('are all, when none is named', () => {
    expect(select([])).toEqual(names)
  })

  test('are those that any pattern names, once and in order', () => {
    expect(select(['shop.orders', 'shop.*', 'crm.people'])).toEqual(names)
    expect(select(['shop.orders', 'crm.*'])).toEqual(['crm.people', 'shop.orders'])
  })

  test('are not those excluded, even if named', () => {
    expect(select(['shop.*'], ['*.tmp_*'])).toEqual(['shop.items', 'shop.orders'])
    expect(select([], ['shop.*'])).toEqual(['crm.people'])
  })

  test('may be excluded by a pattern that matches nothing', () => {
    expect(select(['shop.items'], ['gone.*'])).toEqual(['shop.items'])
  })

  test.each(['usage', 'config'] as const)('must all be there: else it is a mistake of %s', (origin) => {
    const error = refusal(() => selectNames(names, ['shop.items', 'shop.itemz'], [], origin))
    expect(error.code).toBe(origin)
    expect(error.message).toContain('there is no table shop.itemz')
  })

  test('must be matched by every glob', () => {
    expect(refusal(() => select(['shop.*', 'web.*'])).message).toContain('no table matches web.*')
  })

  test('are suggested when the table is in another database', () => {
    expect(refusal(() => select(['crm.items'])).hint).toBe('did you mean shop.items?')
  })

  test('are suggested when the database was left out', () => {
    expect(refusal(() => select(['items'])).hint).toBe('did you mean shop.items?')
  })

  test('that are all excluded leave nothing to audit', () => {
    const error = refusal(() => select([], ['*']))
    expect(error).toMatchObject({ code: 'incomplete', hint: 'every table is excluded by the configuration' })
  })

  test('that nobody may see ask for a grant', () => {
    const error = refusal(() => selectNames([], [], [], 'config'))
    expect(error.code).toBe('incomplete')
    expect(error.hint).toContain('grant them SELECT')
  })
})
