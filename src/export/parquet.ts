import { zstdCompressSync } from 'node:zlib'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { fixedColumn, type HeldColumn, textColumn } from './parquet-columns.ts'
import { type Column, type ColumnType, cellOf, isTrue, type Row, type Table } from './table.ts'

/** A row group ends with whichever comes first: so an export takes as much memory as one of them. */
const MOST_ROWS = 10_000
const MOST_BYTES = 8 * 1024 * 1024
/** What is made ready for each compressed piece, and held until V8 goes through its whole heap: most take less, and 16 kB unless it is told. */
const PIECE = 4 * 1024

/**
 * Apache Parquet, compressed by Zstandard: ids and texts as strings, moments as timestamps of milliseconds in UTC, counters as 64-bit
 * integers, flags as booleans; what is JSON stays its text. Absent values are null.
 */
export async function* parquet({ columns, rows }: Table): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)],
    codec: 'ZSTD',
    compressors: { ZSTD: piece => zstdCompressSync(piece, { chunkSize: PIECE }) },
    createdBy: 'socsync',
  })
  /** What was encoded since the last time; offsets within the file go on. */
  const taken = (): Uint8Array => {
    const chunk = bytes.getBytes().slice()
    bytes.index = 0
    return chunk
  }
  const group = new Group(columns)
  for await (const row of rows) {
    group.add(row)
    if (!group.isFull) continue
    await group.write(writer)
    yield taken()
  }
  await group.write(writer)
  await writer.finish()
  yield taken()
}

/** Columns whose least and greatest value nobody looks for: they would be held to the end of the file. */
const LONG: ReadonlySet<ColumnType> = new Set(['text', 'json'])

type Element = ParquetWriter['schema'][number]

/** Rows that wait to be written together, column by column. */
class Group {
  readonly #columns: readonly (Column & { readonly held: HeldColumn })[]
  #rows = 0
  constructor(columns: readonly Column[]) {
    this.#columns = columns.map(column => ({ ...column, held: KINDS[column.type].held() }))
  }

  get isFull(): boolean {
    return (
      this.#rows >= MOST_ROWS || this.#columns.reduce((sum, { held }) => sum + held.bytes, 0) >= MOST_BYTES
    )
  }

  add(row: Row): void {
    for (const column of this.#columns) column.held.put(cellOf(row, column), this.#rows)
    this.#rows += 1
  }

  async write(writer: ParquetWriter): Promise<void> {
    const rows = this.#rows
    if (rows === 0) return
    const columnData = this.#columns.map(({ name, type, held }) => ({
      name,
      // Made when its turn has come: so the values of one column are there at a time.
      get data() {
        return held.take(rows)
      },
      statistics: !LONG.has(type),
    }))
    await writer.write({ columnData, rowGroupSize: rows })
    keepBounds(writer)
    for (const { held } of this.#columns) held.clear()
    this.#rows = 0
  }
}

/** The least and greatest values of the rows that were just written are bytes of theirs, which the next ones are written over. */
const keepBounds = ({ row_groups }: ParquetWriter): void => {
  for (const { meta_data } of row_groups.at(-1)?.columns ?? []) {
    const bounds = meta_data?.statistics
    if (bounds?.min_value instanceof Uint8Array) bounds.min_value = Uint8Array.from(bounds.min_value)
    if (bounds?.max_value instanceof Uint8Array) bounds.max_value = Uint8Array.from(bounds.max_value)
  }
}

interface Kind {
  readonly element: Omit<Element, 'name'>
  held(): HeldColumn
}

const UTF8 = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const
/** Its bytes are written from where they are held. */
const TEXT: Kind = { element: UTF8, held: () => textColumn(MOST_ROWS) }

/** https://github.com/apache/parquet-format/blob/master/LogicalTypes.md */
const KINDS: Readonly<Record<ColumnType, Kind>> = {
  text: TEXT,
  id: TEXT,
  json: TEXT,
  instant: {
    element: {
      type: 'INT64',
      converted_type: 'TIMESTAMP_MILLIS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    },
    held: () => fixedColumn(new BigInt64Array(MOST_ROWS), value => BigInt(Date.parse(String(value)))),
  },
  counter: { element: { type: 'INT64' }, held: () => fixedColumn(new BigInt64Array(MOST_ROWS), BigInt) },
  ratio: { element: { type: 'DOUBLE' }, held: () => fixedColumn(new Float64Array(MOST_ROWS), Number) },
  flag: {
    element: { type: 'BOOLEAN' },
    held: () =>
      fixedColumn(
        new Uint8Array(MOST_ROWS),
        value => (isTrue(value) ? 1 : 0),
        bit => bit === 1,
      ),
  },
}

const elementOf = ({ name, type }: Column): Element => ({
  name,
  repetition_type: 'OPTIONAL',
  ...KINDS[type].element,
})
