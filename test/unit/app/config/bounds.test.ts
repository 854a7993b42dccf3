import { expect, test } from 'vitest'
import { readBound, readDuration, readMoment } from '../../../../src/app/config/bounds.ts'
import { BadInput } from '../../../../src/core/errors.ts'

test.each([
  ['2026-03-01', { instant: '2026-03-01T00:00:00.000Z' }],
  ['2028-02-29', { instant: '2028-02-29T00:00:00.000Z' }],
  ['2026-03-01T10:20Z', { instant: '2026-03-01T10:20:00.000Z' }],
  ['2026-03-01T10:20:30Z', { instant: '2026-03-01T10:20:30.000Z' }],
  [' 2026-03-01T10:20:30.5Z ', { instant: '2026-03-01T10:20:30.500Z' }],
  ['7212345678901234567', { id: '7212345678901234567' }],
  ['17895695668004550', { id: '17895695668004550' }],
  ['-dQw4w9WgXc', { id: '-dQw4w9WgXc' }],
  ['2026aB-01_x', { id: '2026aB-01_x' }],
  ['Ugzge340dBgB75hWBm54AaABAg.9abcDEFghi-', { id: 'Ugzge340dBgB75hWBm54AaABAg.9abcDEFghi-' }],
])('reads the bound %s', (text, bound) => {
  expect(readBound(text, '--since')).toEqual(bound)
})

test.each([
  '',
  '2026-02-29',
  '2026-13-01',
  '2026-3-1',
  '01.03.2026',
  '03/01/2026',
  '2026',
  '202603',
  '20260301',
  '2026-03-01T24:00:00Z',
  '2026-03-01T10:20:30',
  '2026-03-01T10:20:30+02:00',
  '2026-03-01 10:20:30',
  'yesterday',
  'last-month',
  '30d',
  '../../etc/passwd',
  'id with spaces',
  '17895695668004550?x=1',
])('refuses the bound %j and says what is allowed', text => {
  expect(() => readBound(text, '--since')).toThrow(BadInput)
  expect(() => readBound(text, '--since')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('2026-03-01T10:20:30Z') }),
  )
})

test('a refused bound is shown without control characters and cut', () => {
  expect(() => readBound(`\u001b[31m${'x'.repeat(300)} `, '--since')).toThrow(
    `--since "\\u{1b}[31m${'x'.repeat(55)}…" is no date`,
  )
})

test.each([
  ['0s', 0],
  ['60s', 60_000],
  ['15m', 900_000],
  ['26h', 93_600_000],
  ['30d', 2_592_000_000],
  ['2W', 1_209_600_000],
])('reads the duration %s', (text, ms) => {
  expect(readDuration(text, '--max-wait')).toBe(ms)
})

test.each(['', '30', 'd', '-1d', '1.5h', '1 d', '1y', 'soon', '99999999999999999999s', '36501d'])(
  'refuses the duration %j',
  text => {
    expect(() => readDuration(text, '--max-wait')).toThrow(BadInput)
  },
)

const NOW = Date.UTC(2026, 2, 8, 12)

test.each([
  ['7d', '2026-03-01T12:00:00.000Z'],
  ['36H', '2026-03-07T00:00:00.000Z'],
  ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ['2026-03-01T10:20Z', '2026-03-01T10:20:00.000Z'],
])('reads the moment %s', (text, moment) => {
  expect(readMoment(text, '--since', NOW)).toBe(moment)
})

test.each(['7y', '18052375423433059', 'N4gWIfp2dpQ', '40000d', '2026-02-30'])(
  'refuses the moment %j',
  text => {
    expect(() => readMoment(text, '--since', NOW)).toThrow(BadInput)
  },
)
