import { expect, test } from 'vitest'
import { timerLength } from '../../../src/core/clock.ts'

test.each([
  [-1, 0],
  [-0.001, 0],
  [0, 0],
  [0.5, 0.5],
  [60_000, 60_000],
  [2 ** 31 - 1, 2 ** 31 - 1],
  [2 ** 31, 2 ** 31 - 1],
  [Number.POSITIVE_INFINITY, 2 ** 31 - 1],
  [Number.NEGATIVE_INFINITY, 0],
  [Number.NaN, 0],
])('a timer of %d ms is asked for as %d', (ms, length) => {
  expect(timerLength(ms)).toBe(length)
})
