import { type RawBuilder, sql } from 'kysely'

type Sql = RawBuilder<unknown>
/** What can be made of text: a column, an expression, or a value. */
type Text = Sql | string

/** What SQLite and PostgreSQL say in ways of their own. Each spells all of it in its folder; all else is the same SQL for both. */
export interface Spelling {
  /** The right side of `in`, of any length. */
  inList(values: readonly string[]): Sql
  inNumbers(values: readonly number[]): Sql
  /** Rows as a table: `from ${rowsOf(...)} as name`. */
  rowsOf<Row extends object>(columns: Columns<Row>, rows: readonly Row[]): Sql
  /** What an object of JSON holds under a key, as text; null = nothing, or null. */
  jsonText(json: Sql, key: string): Sql
  jsonNumber(json: Sql, key: string): Sql
  /** Whether the list under a key holds this text. */
  jsonHas(json: Sql, key: string, value: string): Sql
  /** An object of JSON as a table of `key` and `value`, both text: `from ${jsonEntries(...)} as name`. */
  jsonEntries(json: Sql): Sql
  /** The texts of a column as a list of JSON; of no row `[]`. */
  jsonList(text: Sql): Sql
  isJson(text: Sql): Sql
  /** The larger of two values that are not null. */
  larger(a: Sql, b: Sql): Sql
  smaller(a: Sql, b: Sql): Sql
  /** Seconds from one instant to another, with their fraction. */
  secondsBetween(from: Text, to: Text): Sql
  /** Whether a text has this part; upper and lower case are two. */
  holds(text: Sql, part: string): Sql
  /** A table of this connection's own: `create table ${ownTable(...)}`. By its bare name it is meant before any other. */
  ownTable(name: string): Sql
  /**
   * At the end of a `select`: its rows are this transaction's until it ends, and those that are another one's are left
   * out. Where one transaction writes at a time there is nothing to say.
   */
  readonly toClaim: Sql
}

/** Columns of a table that is handed over, each with what it holds. */
export type Columns<Row extends object> = { readonly [Key in keyof Row & string]: 'text' | 'number' }

/** A word on its way to the compiler of a database, which has it spelled. */
export class Word {
  readonly spell: (spelling: Spelling) => Sql
  constructor(spell: (spelling: Spelling) => Sql) {
    this.spell = spell
  }
}

const word = <T>(spell: (spelling: Spelling) => Sql): RawBuilder<T> => sql<T>`${new Word(spell)}`

export const inList = (values: readonly string[]) => word<string>(say => say.inList(values))
export const inNumbers = (values: readonly number[]) => word<number>(say => say.inNumbers(values))
export const rowsOf = <Row extends object>(columns: Columns<Row>, rows: readonly Row[]) =>
  word<Row>(say => say.rowsOf(columns, rows))
export const jsonText = (json: Sql, key: string) => word<string | null>(say => say.jsonText(json, key))
export const jsonNumber = (json: Sql, key: string) => word<number | null>(say => say.jsonNumber(json, key))
export const jsonHas = (json: Sql, key: string, value: string) =>
  word<boolean>(say => say.jsonHas(json, key, value))
export const jsonEntries = (json: Sql) => word<unknown>(say => say.jsonEntries(json))
export const jsonList = (text: Sql) => word<string>(say => say.jsonList(text))
export const isJson = (text: Sql) => word<boolean>(say => say.isJson(text))
export const larger = (a: Sql, b: Sql) => word<number>(say => say.larger(a, b))
export const smaller = (a: Sql, b: Sql) => word<number>(say => say.smaller(a, b))
export const secondsBetween = (from: Text, to: Text) => word<number>(say => say.secondsBetween(from, to))
export const holds = (text: Sql, part: string) => word<boolean>(say => say.holds(text, part))
export const ownTable = (name: string) => word<unknown>(say => say.ownTable(name))
export const toClaim = word<unknown>(say => say.toClaim)
