import { zstdCompressSync } from 'node:zlib'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { type Column, type ColumnType, cellOf, isTrue, type Row, type Table, type Value } from './table.ts'

/** A row group ends with whichever comes first: so an export takes as much memory as one of them. */
const MOST_ROWS = 10_000
const MOST_CHARACTERS = 8 * 1024 * 1024

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
    compressors: { ZSTD: piece => zstdCompressSync(piece) },
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
type Cell = string | bigint | number | boolean | null

/** Rows that wait to be written together, column by column. */
class Group {
  readonly #columns: readonly Column[]
  #cells: Cell[][]
  #rows = 0
  /** What many rows in turn have is kept once. */
  #last: Cell[] = []
  #characters = 0
  constructor(columns: readonly Column[]) {
    this.#columns = columns
    this.#cells = columns.map(() => [])
  }

  get isFull(): boolean {
    return this.#rows >= MOST_ROWS || this.#characters >= MOST_CHARACTERS
  }

  add(row: Row): void {
    this.#rows += 1
    for (const [at, column] of this.#columns.entries()) {
      const value = cellOf(row, column)
      let cell = value === null ? null : KINDS[column.type].cell(value)
      if (typeof cell === 'string') this.#characters += cell.length
      if (cell === this.#last[at]) cell = this.#last[at] as Cell
      else this.#last[at] = cell
      this.#cells[at]?.push(cell)
    }
  }

  async write(writer: ParquetWriter): Promise<void> {
    if (this.#rows === 0) return
    const columnData = this.#columns.map(({ name, type }, at) => ({
      name,
      data: this.#cells[at] ?? [],
      statistics: !LONG.has(type),
    }))
    await writer.write({ columnData, rowGroupSize: this.#rows })
    this.#cells = this.#columns.map(() => [])
    this.#rows = 0
    this.#characters = 0
  }
}

interface Kind {
  readonly element: Omit<Element, 'name'>
  cell(value: NonNullable<Value>): Cell
}

const TEXT: Kind = { element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, cell: String }

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
    cell: value => BigInt(Date.parse(String(value))),
  },
  counter: { element: { type: 'INT64' }, cell: value => BigInt(value) },
  ratio: { element: { type: 'DOUBLE' }, cell: Number },
  flag: { element: { type: 'BOOLEAN' }, cell: isTrue },
}

const elementOf = ({ name, type }: Column): Element => ({
  name,
  repetition_type: 'OPTIONAL',
  ...KINDS[type].element,
})
