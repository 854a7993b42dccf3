import { expect, test } from 'vitest'
import { FaultError } from '../../../src/core/fault.ts'
import { DEEPEST, decode } from '../../../src/http/json.ts'
import { hash32, pick } from '../../../src/networks/seeded.ts'

const MAX = BigInt(Number.MAX_SAFE_INTEGER)
/** Any int64, all lengths equally often, and the neighbours of the limits. */
const int64 = (seed: number): bigint => {
  const bits = (BigInt(hash32(seed, 'high')) << 32n) | BigInt(hash32(seed, 'low'))
  const sized = bits >> BigInt(hash32(seed, 'size') % 64)
  const near =
    pick([MAX, -MAX, 2n ** 63n - 1n, -(2n ** 63n), 10n ** 15n], seed, 'near') + BigInt(hash32(seed) % 5) - 2n
  return seed % 3 === 0 ? near : seed % 3 === 1 ? sized : -sized
}
const faultOf = (text: string) => {
  try {
    decode(text)
  } catch (error) {
    if (error instanceof FaultError) return { ...error.fault, message: error.message }
    throw error
  }
  throw new Error('was decoded')
}

test('every int64 survives: as a number where it is exact, else as its digits', () => {
  for (let seed = 0; seed < 5000; seed++) {
    const value = int64(seed)
    const text = `{"id": ${value}, "ids":[${value},${-value} ]}`
    const exact = (n: bigint) => (n <= MAX && n >= -MAX ? Number(n) : String(n))
    expect(decode(text)).toEqual({ id: exact(value), ids: [exact(value), exact(-value)] })
  }
})

test('what is in strings stays, whatever quotes, backslashes and digits are in it', () => {
  const parts: readonly [string, ...string[]] = [
    '"',
    '\\',
    '\\"',
    '7212345678901234567',
    ':',
    ',',
    '}',
    '[',
    ' ',
    'é',
    '\u2028',
    '👍',
    '\n',
    '-9',
    '.5e9',
    '',
  ]
  for (let seed = 0; seed < 5000; seed++) {
    const text = Array.from({ length: hash32(seed) % 9 }, (_, i) => pick(parts, seed, i)).join('')
    const value = { [text]: [text, { n: seed, deep: [text] }], last: text }
    expect(decode(JSON.stringify(value))).toEqual(value)
    expect(decode(JSON.stringify(value, null, 2))).toEqual(value)
  }
})

test('fractions and exponents stay numbers', () => {
  for (const text of [
    '0.1234567890123456789',
    '-12345678901234567890.5',
    '1e21',
    '12345678901234567890e2',
    '1.5E-1234567890123456789',
    '-0',
    '0',
  ]) {
    expect(decode(`[${text}]`)).toEqual([Number(text)])
  }
})

test('a bare long integer, one at the very end, and one with white space behind it', () => {
  expect(decode('7212345678901234567')).toBe('7212345678901234567')
  expect(decode('-7212345678901234567')).toBe('-7212345678901234567')
  expect(decode('[7212345678901234567\n\t]')).toEqual(['7212345678901234567'])
})

test('a BOM is left out', () => {
  expect(decode('\ufeff{"a":1}')).toEqual({ a: 1 })
})

test('__proto__ is an own key like any other, and pollutes nothing', () => {
  const value = decode('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
  expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(({} as { admin?: boolean }).admin).toBeUndefined()
})

test('of a double key the last wins', () => {
  expect(decode('{"a":1,"a":7212345678901234567}')).toEqual({ a: '7212345678901234567' })
})

test.each([
  ['', 'empty'],
  ['\ufeff \n', 'empty'],
  ['{"data":[{"id":"1', 'not-json'],
  ['{"a":1}}', 'not-json'],
  ['[NaN]', 'not-json'],
  ['"\\', 'not-json'],
  ['[00000000000000000007]', 'not-json'],
  ['{7212345678901234567:1}', 'not-json'],
  ['[7212345678901234567 8]', 'not-json'],
  ['[-]', 'not-json'],
  ['upstream connect error', 'not-json'],
  ['<!doctype html><title>Sign in</title>', 'html'],
  [' \n<html>', 'html'],
])('%j is transient: %s', (text, code) => {
  expect(faultOf(text)).toMatchObject({ kind: 'transient', code })
})

test('the message shows 80 characters, no control characters, and of a token answer none of its secret', () => {
  const { message } = faultOf(`<html>\u0007${'x'.repeat(200)}`)
  expect(message).toMatch(/^The answer is HTML, not JSON: <html> x{73}$/)
  expect(() => decode('{"access_token":"S3CRET', '{"access_token":"***')).toThrow(/^(?!.*S3CRET)/)
})

test('nesting is bounded, on any shape, without harm to the stack', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  expect(() => decode(nested(DEEPEST))).not.toThrow()
  expect(faultOf(nested(DEEPEST + 1))).toMatchObject({ kind: 'unreadable', code: 'too-deep' })
  expect(faultOf('{"a":'.repeat(100_000))).toMatchObject({ code: 'too-deep' })
  expect(decode(`[${'[],'.repeat(1000)}"[[[["]`)).toHaveLength(1001)
})
