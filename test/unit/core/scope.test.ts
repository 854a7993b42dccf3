import { expect, test } from 'vitest'
import { kindsOf, SCOPES } from '../../../src/core/scope.ts'
import { fc } from '../../support/fc.ts'

test.each([
  [['profile'], ['profile']],
  [['posts'], ['profile', 'posts']],
  [['comments'], ['profile', 'posts', 'comments']],
  [['likes'], ['profile', 'posts', 'likes']],
  [
    ['likes', 'comments'],
    ['profile', 'posts', 'comments', 'likes'],
  ],
  [['all'], ['profile', 'posts', 'comments', 'likes']],
] as const)('%o asks for %o', (scopes, kinds) => {
  expect(kindsOf(scopes)).toEqual(kinds)
})

test('several scopes ask for what each of them asks for, in order of work', () => {
  const scopes = fc.array(fc.constantFrom(...SCOPES), { minLength: 1 })
  fc.assert(
    fc.property(scopes, wanted => {
      const each = new Set(wanted.flatMap(scope => kindsOf([scope])))
      expect(kindsOf(wanted)).toEqual(kindsOf(['all']).filter(kind => each.has(kind)))
    }),
  )
})
