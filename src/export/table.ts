/** What a column holds: decides how each format writes it. */
export type ColumnType = 'text' | 'id' | 'instant' | 'counter' | 'ratio' | 'flag' | 'json'

export interface Column {
  /** Key in each {@link Row}, and name in the export: snake_case. */
  readonly name: string
  readonly type: ColumnType
}

/** As a store gives it. Flags may be 0 and 1, ids small whole numbers; `json` is the text of a JSON value. */
export type Value = string | number | bigint | boolean | null
export type Row = Readonly<Record<string, Value>>

/** One of the lists that can be exported. Rows are read once, as fast as they are taken. */
export interface Table {
  /** `posts` */
  readonly name: string
  readonly columns: readonly Column[]
  /** The columns that tell one row from all others; left out = none do. */
  readonly key?: readonly string[]
  /** The column by which `--since` chooses rows, and from which moment on; left out, or null = none does. */
  readonly bookmark?: { readonly column: string; readonly from: string | null } | null
  readonly rows: AsyncIterable<Row>
}

/** The value of a column, absent as null. An id that was already rounded to a number is a bug, not data: it throws. */
export const cellOf = (row: Row, { name, type }: Column): Value => {
  const value = row[name] ?? null
  if (type !== 'id' || typeof value !== 'number') return value
  if (Number.isSafeInteger(value)) return String(value)
  throw new TypeError(`column ${name} holds the id ${value}, which is not exact`)
}

export const isTrue = (value: Value): boolean => value === true || value === 1 || value === 1n
