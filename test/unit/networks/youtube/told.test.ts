import { expect, test } from 'vitest'
import { openTold } from '../../../../src/networks/youtube/streams/told.ts'

const HOUR_MS = 3_600_000

test('what was told within the hour is known, each id once, until it is forgotten', () => {
  const told = openTold()
  told.note(0, ['a', 'b'])
  expect(told.untold(HOUR_MS - 1, ['a', 'b', 'c', 'c'])).toEqual(['c'])
  expect(told.untold(HOUR_MS, ['a', 'b'])).toEqual(['a', 'b'])
  told.note(HOUR_MS, ['a'])
  told.forget(['b'])
  expect(told.untold(HOUR_MS, ['a', 'b'])).toEqual(['b'])
})

test('no list is so long that its ids fill the memory: the oldest are forgotten all together', () => {
  const told = openTold()
  told.note(0, ['a'])
  for (let page = 0; page < 2_000; page++)
    told.note(
      0,
      Array.from({ length: 50 }, (_, n) => `${page} ${n}`),
    )
  expect(told.untold(0, ['a', '1999 49'])).toEqual(['a'])
})
