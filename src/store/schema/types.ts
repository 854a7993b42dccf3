import {
  type ColumnDataType,
  type ColumnDefinitionBuilder,
  type CreateTableBuilder,
  type Expression,
  sql,
} from 'kysely'

/**
 * The one map from our words to a database's types (docs/design.md §4). Migrations speak only in these, so that
 * PostgreSQL is a second value of this type. STRICT tables refuse bigint, jsonb, timestamp and boolean as names.
 */
export interface Types {
  readonly id: ColumnDataType | Expression<unknown>
  readonly text: ColumnDataType | Expression<unknown>
  readonly instant: ColumnDataType | Expression<unknown>
  readonly json: ColumnDataType | Expression<unknown>
  readonly flag: ColumnDataType | Expression<unknown>
  readonly counter: ColumnDataType | Expression<unknown>
  readonly bytes: ColumnDataType | Expression<unknown>
  readonly serial: ColumnDataType | Expression<unknown>
  readonly no: number | boolean
  /** A primary key that is never used twice, even after its row is gone. */
  primary(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  /** The table with what the database needs at its end. */
  table<N extends string>(builder: CreateTableBuilder<N, never>): CreateTableBuilder<N, never>
  /** The same for a table that is only ever read along its primary key. */
  clustered<N extends string, C extends string>(builder: CreateTableBuilder<N, C>): CreateTableBuilder<N, C>
}

export const SQLITE_TYPES: Types = {
  id: 'text',
  text: 'text',
  instant: 'text',
  json: 'text',
  flag: 'integer',
  counter: 'integer',
  bytes: sql`blob`,
  serial: 'integer',
  no: 0,
  primary: column => column.primaryKey().autoIncrement(),
  table: builder => builder.modifyEnd(sql`strict`),
  clustered: builder => builder.modifyEnd(sql`, without rowid`),
}
