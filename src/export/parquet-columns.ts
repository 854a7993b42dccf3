import type { Value } from './table.ts'

/** What a Parquet file takes as a value: texts as their bytes in UTF-8. */
export type Cell = Uint8Array | bigint | number | boolean | null

/**
 * The values of a column until its rows are written, outside of the heap: as objects they lived long enough to be moved to its old part, where
 * they lay until V8 went through all of it (25 MB of a million comments, and a fifth of the processor: docs/performance.md).
 */
export interface HeldColumn {
  /** Of texts, without those that are as the one before. */
  readonly bytes: number
  /** `at` counts up from 0 after each `clear`. */
  put(value: Value, at: number): void
  /** The first so many, made for who asks; bytes are as they are until the next `clear`. */
  take(rows: number): Cell[]
  clear(): void
}

/** In the place of a text where a row has none. */
const ABSENT = -1
const FIRST_BYTES = 16 * 1024

/** Texts, each once that many rows in turn have. */
export const textColumn = (most: number): HeldColumn => {
  let held = Buffer.allocUnsafeSlow(FIRST_BYTES)
  const textOf = new Int32Array(most)
  const ends = new Uint32Array(most)
  let texts = 0
  let last: string | null = null
  const end = (text: number): number => (text < 0 ? 0 : (ends[text] ?? 0))
  const keep = (text: string): void => {
    const begin = end(texts - 1)
    const length = Buffer.byteLength(text)
    if (begin + length > held.length) {
      const more = Buffer.allocUnsafeSlow(Math.max(begin + length, held.length * 2))
      held.copy(more, 0, 0, begin)
      held = more
    }
    held.write(text, begin)
    ends[texts] = begin + length
    texts += 1
    last = text
  }
  return {
    get bytes() {
      return end(texts - 1)
    },
    put: (value, at) => {
      if (value !== null && String(value) !== last) keep(String(value))
      textOf[at] = value === null ? ABSENT : texts - 1
    },
    take: rows => {
      const cells = new Array<Cell>(rows)
      let made = ABSENT
      let cell: Cell = null
      for (let at = 0; at < rows; at++) {
        const text = textOf[at] ?? ABSENT
        if (text !== ABSENT && text !== made) {
          cell = held.subarray(end(text - 1), end(text))
          made = text
        }
        cells[at] = text === ABSENT ? null : cell
      }
      return cells
    },
    clear: () => {
      texts = 0
      last = null
    },
  }
}

/** Values of one size each; `to` and `from` are their way into the array and out of it. */
export const fixedColumn = <T extends bigint | number>(
  values: { [at: number]: T; readonly length: number },
  to: (value: NonNullable<Value>) => T,
  from: (value: T) => Cell = value => value,
): HeldColumn => {
  const isThere = new Uint8Array(values.length)
  return {
    bytes: 0,
    put: (value, at) => {
      isThere[at] = value === null ? 0 : 1
      if (value !== null) values[at] = to(value)
    },
    take: rows => {
      const cells = new Array<Cell>(rows)
      for (let at = 0; at < rows; at++) {
        const value = values[at]
        cells[at] = isThere[at] === 1 && value !== undefined ? from(value) : null
      }
      return cells
    },
    clear: () => {},
  }
}
