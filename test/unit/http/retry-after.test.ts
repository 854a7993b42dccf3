import { expect, test } from 'vitest'
import { retryAfter } from '../../../src/http/retry-after.ts'

const NOW = Date.UTC(2026, 2, 1)

test.each([
  ['120', 120_000],
  [' 120 ', 120_000],
  ['1.5', 1500],
  ['0', 1000],
  ['1e9', 86_400_000],
  ['99999999999999999999999', 86_400_000],
  ['Sun, 01 Mar 2026 00:01:00 GMT', 60_000],
  ['Sunday, 01-Mar-26 00:01:00 GMT', 60_000],
  ['Sun Mar  1 00:01:00 2026', 60_000],
  ['Sun, 01 Mar 2020 00:00:00 GMT', 1000],
  ['Fri, 01 Mar 2030 00:00:00 GMT', 86_400_000],
  ['-5', null],
  ['soon', null],
  ['120 apples', null],
  ['2026', 2_026_000],
  ['Sunday', null],
  ['', null],
  [undefined, null],
])('%j allows the next call after %s ms', (header, wait) => {
  expect(retryAfter(header, NOW)).toBe(wait === null ? null : NOW + wait)
})
