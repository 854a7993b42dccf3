import { type Column, type ColumnType, cellOf, isTrue, type Row, type Value } from './table.ts'

/** Writes rows of these columns as JSON objects, each on one line, keys in the columns' order, absent values null. */
export const jsonRows = (columns: readonly Column[]): ((row: Row) => string) => {
  const cells = columns.map((column, index) => ({
    column,
    key: `${index === 0 ? '' : ','}${JSON.stringify(column.name)}:`,
    write: WRITE[column.type],
  }))
  return row => {
    let line = '{'
    for (const { column, key, write } of cells) {
      const value = cellOf(row, column)
      line += key
      line += value === null ? 'null' : write(value)
    }
    return `${line}}`
  }
}

/** What JSON allows in a text and some readers take for the end of a line. */
const LINE_END = /[\u0085\u2028\u2029]/
const LINE_ENDS = new RegExp(LINE_END, 'g')
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
/** Almost no text has one: to test for it costs half of replacing nothing. */
const onOneLine = (json: string): string => (LINE_END.test(json) ? json.replace(LINE_ENDS, escaped) : json)

const plain = (value: Value): string => JSON.stringify(String(value))
const text = (value: Value): string => onOneLine(plain(value))

const WRITE: Readonly<Record<ColumnType, (value: Value) => string>> = {
  text,
  id: text,
  instant: plain,
  // Digits as they are: a bigint is not rounded on the way.
  counter: String,
  ratio: String,
  flag: value => String(isTrue(value)),
  // Already JSON, written by the store: decoding it would only round its numbers. Line ends can stand between its tokens alone.
  json: value => onOneLine(String(value).replace(/[\r\n]+/g, ' ')),
}
