import { type Column, type ColumnType, cellOf, isTrue, type Row, type Value } from './table.ts'

/** Writes rows of these columns as JSON objects, each on one line, keys in the columns' order, absent values null. */
export const jsonRows = (columns: readonly Column[]): ((row: Row) => string) => {
  const keys = columns.map(({ name }) => JSON.stringify(name))
  return row => {
    const fields = columns.map((column, index) => `${keys[index]}:${write(cellOf(row, column), column.type)}`)
    return `{${fields.join(',')}}`.replace(LINE_ENDS, escaped)
  }
}

/** What JSON allows in a text and some readers take for the end of a line. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

const write = (value: Value, type: ColumnType): string => (value === null ? 'null' : WRITE[type](value))

const text = (value: Value): string => JSON.stringify(String(value))

const WRITE: Readonly<Record<ColumnType, (value: Value) => string>> = {
  text,
  id: text,
  instant: text,
  // Digits as they are: a bigint is not rounded on the way.
  counter: String,
  ratio: String,
  flag: value => String(isTrue(value)),
  // Already JSON, written by the store: decoding it would only round its numbers. Line ends can stand between its tokens alone.
  json: value => String(value).replace(/[\r\n]+/g, ' '),
}
