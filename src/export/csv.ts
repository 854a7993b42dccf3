import { stringify } from 'csv-stringify/sync'
import { type Column, cellOf, isTrue, type Row, type Table } from './table.ts'

/**
 * RFC 4180: commas, CRLF, quotes where needed, a line of names first. An absent value is an empty cell, an empty
 * text is `""`, so that they stay apart; in an export of one column alone that is an empty line. Text is exact to the byte. With `excel` a spreadsheet opens it without harm:
 * a byte-order mark first, and a `'` before text that it would run as a formula or take for a number.
 */
export async function* csv(
  { columns, rows }: Table,
  { excel }: { readonly excel: boolean },
): AsyncGenerator<string> {
  const cell = excel ? guardedCell : exactCell
  yield (excel ? '\ufeff' : '') + lines([columns.map(({ name }) => name)])
  let waiting: (string | null)[][] = []
  for await (const row of rows) {
    waiting.push(columns.map(column => cell(row, column)))
    if (waiting.length < AT_ONCE) continue
    yield lines(waiting)
    waiting = []
  }
  if (waiting.length > 0) yield lines(waiting)
}

/** A call of the library sets itself up anew. */
const AT_ONCE = 200

const lines = (records: (string | null)[][]): string =>
  stringify(records, { record_delimiter: 'windows', quote_record_delimiter: true, quoted_match: /^$/ })

const exactCell = (row: Row, column: Column): string | null => {
  const value = cellOf(row, column)
  if (value === null) return null
  return column.type === 'flag' ? String(isTrue(value)) : String(value)
}

/** CWE-1236: the six starts of a formula, the wide forms of them, and a line feed; also behind quotes. */
const FORMULA = /^["']*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/
/** An id that looks like any kind of number, and text of so many digits that the last ones would be rounded away. */
const NUMBER: Readonly<Record<string, RegExp>> = { id: /^[\d.,eE+-]+$/, text: /^\d{12,}$/ }
const TEXTUAL: ReadonlySet<string> = new Set(['text', 'id', 'json'])

const guardedCell = (row: Row, column: Column): string | null => {
  const text = exactCell(row, column)
  if (text === null || !TEXTUAL.has(column.type)) return text
  return FORMULA.test(text) || NUMBER[column.type]?.test(text) ? `'${text}` : text
}
