import { FaultError } from '../core/fault.ts'
import type { Json } from '../core/json.ts'

/** Levels of nesting that an answer may have; the networks' own have fewer than 20. */
export const DEEPEST = 256

/**
 * The only way from an answer's text to a value: JSON exactly. A whole number beyond ±(2^53 - 1) becomes a string
 * of its digits, so that a 19-digit id survives; fractions and exponents stay numbers; a BOM is left out. Messages quote the
 * beginning of `shown`, the same text without secrets.
 *
 * Throws a {@link FaultError}: `transient` for what is no JSON (cut, empty, a proxy's page: it may pass),
 * `unreadable` for nesting beyond {@link DEEPEST}.
 */
export const decode = (text: string, shown = text): Json => {
  const bare = text.charCodeAt(0) === BOM ? text.slice(1) : text
  const exact = quoteLongIntegers(bare)
  try {
    return JSON.parse(exact)
  } catch {
    throw notJson(shown)
  }
}

const BOM = 0xfeff
const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
/** The shortest integer beyond 2^53 - 1 has so many digits. */
const LONG = 16

/**
 * Finds the long integers outside strings and sets them in quotes. One pass, which also counts the nesting and jumps
 * over strings, most of an answer; a reviver would cost several times what JSON.parse does.
 */
const quoteLongIntegers = (text: string): string => {
  let quoted = ''
  let copied = 0
  let depth = 0
  const { length } = text
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
    } else if (code >= ZERO && code <= NINE) {
      const end = endOfDigits(text, at)
      if (end - at >= LONG && isWholeValue(text, at, end)) {
        const start = text.charCodeAt(at - 1) === MINUS ? at - 1 : at
        if (!Number.isSafeInteger(Number(text.slice(start, end)))) {
          quoted += `${text.slice(copied, start)}"${text.slice(start, end)}"`
          copied = end
        }
      }
      at = endOfNumber(text, end) - 1
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1
      if (depth > DEEPEST) {
        throw new FaultError(
          { kind: 'unreadable', code: 'too-deep' },
          `The answer is nested deeper than ${DEEPEST} levels.`,
        )
      }
    } else if (code === 0x5d || code === 0x7d) {
      depth -= 1
    }
  }
  return copied === 0 ? text : quoted + text.slice(copied)
}

/** The place of the closing quote; the text's end where there is none. */
const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at
    while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1
    if ((at - before) % 2 === 0) return at
  }
  return text.length
}

const endOfDigits = (text: string, start: number): number => {
  let end = start + 1
  for (let code = text.charCodeAt(end); code >= ZERO && code <= NINE; code = text.charCodeAt(end)) end += 1
  return end
}

/** Past the fraction and exponent, whose digits are no numbers of their own. */
const endOfNumber = (text: string, end: number): number => {
  FRACTION.lastIndex = end
  return FRACTION.test(text) ? FRACTION.lastIndex : end
}
const FRACTION = /[.eE][\d.eE+-]*/y

/** Whether the digits are a value by themselves, no key and not 007: quotes must not turn wrong JSON into right. */
const isWholeValue = (text: string, start: number, end: number): boolean => {
  AFTER_VALUE.lastIndex = end
  return text.charCodeAt(start) !== ZERO && AFTER_VALUE.test(text)
}
const AFTER_VALUE = /[ \t\r\n]*(?:[,\]}]|$)/y

const notJson = (text: string): FaultError => {
  const start = text
    .slice(0, 80)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
  if (start === '') return new FaultError({ kind: 'transient', code: 'empty' }, 'The answer is empty.')
  if (start.startsWith('<')) {
    return new FaultError({ kind: 'transient', code: 'html' }, `The answer is HTML, not JSON: ${start}`)
  }
  return new FaultError({ kind: 'transient', code: 'not-json' }, `The answer is not JSON: ${start}`)
}
