import { readFileSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { exportTable } from '../../../src/export/export.ts'
import type { FormatName } from '../../../src/export/formats.ts'
import type { Packing } from '../../../src/export/packing.ts'
import type { Column, Row, Table } from '../../../src/export/table.ts'
import { tempFolder } from '../../support/cli.ts'
import { duckdb, readParquet } from '../../support/duckdb.ts'
import { perTest } from '../../support/fresh.ts'

const folder = perTest(tempFolder)

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'id' },
  { name: 'caption', type: 'text' },
  { name: 'created_at', type: 'instant' },
  { name: 'like_count', type: 'counter' },
  { name: 'engagement', type: 'ratio' },
  { name: 'verified', type: 'flag' },
  { name: 'extra', type: 'json' },
]

const CAPTIONS = ['', 'a "quoted", text\r\nof two lines', 'ตลาดเช้า 🍞', '\ufffd', '=1+1', ' '.repeat(3)]

const rowOf = (at: number): Row => ({
  id: `${7_212_345_678_901_234_000n + BigInt(at)}`,
  caption: at % 7 === 6 ? null : (CAPTIONS[at % 7] ?? null),
  created_at: at % 3 === 0 ? null : `2026-03-01T10:20:3${at % 10}.00${at % 10}Z`,
  like_count: at % 4 === 0 ? null : at % 4 === 1 ? -at : 9_007_199_254_740_993n,
  engagement: at % 5 === 0 ? null : at / 7,
  verified: [true, false, null, 1, 0][at % 5] ?? null,
  extra: at % 2 === 0 ? '{"big":7212345678901234567,"a":[1,"x,y"]}' : null,
})

const tableOf = (count: number, row: (at: number) => Row = rowOf): Table => ({
  name: 'posts',
  columns: COLUMNS,
  rows: (async function* () {
    for (let at = 0; at < count; at++) yield row(at)
  })(),
})

const written = async (
  table: Table,
  format: FormatName = 'parquet',
  packing: Packing | null = null,
): Promise<string> => {
  const out = folder().file(`posts.${format}${packing === null ? '' : `.${packing}`}`)
  await exportTable(table, out, { format, packing, excel: false, force: true })
  return out
}

const asRead = (row: Row) => ({
  ...row,
  created_at: row.created_at === null ? null : new Date(String(row.created_at)),
  like_count:
    row.like_count === null
      ? null
      : BigInt(Number(row.like_count) > 2 ** 53 - 1 ? (row.like_count as bigint) : Number(row.like_count)),
  verified: row.verified === null ? null : Boolean(row.verified),
})

describe('parquet, read by DuckDB', () => {
  test('has each column by its type', async () => {
    const described = await duckdb(`describe select * from '${await written(tableOf(3))}'`)
    expect(described.map(({ column_name, column_type }) => [column_name, column_type])).toEqual([
      ['id', 'VARCHAR'],
      ['caption', 'VARCHAR'],
      ['created_at', 'TIMESTAMP WITH TIME ZONE'],
      ['like_count', 'BIGINT'],
      ['engagement', 'DOUBLE'],
      ['verified', 'BOOLEAN'],
      ['extra', 'VARCHAR'],
    ])
  })

  test.each([1, 100, 120_000])('holds each of %i rows, value by value', async count => {
    const path = await written(tableOf(count))
    const found = await readParquet(path)
    expect(found.length).toBe(count)
    for (const [at, row] of found.entries())
      if (count <= 100 || at % 997 === 0) expect(row).toEqual(asRead(rowOf(at)))
    const [groups] = await duckdb(`select num_row_groups as n from parquet_file_metadata('${path}')`)
    expect(Number(groups?.n)).toBe(Math.ceil(count / 10_000))
  })

  test('begins a new group of rows where texts are long', async () => {
    const long = (at: number): Row => ({ ...rowOf(at), caption: `${at}`.padEnd(1_000_000, 'x') })
    const path = await written(tableOf(40, long))
    const [groups] = await duckdb(`select num_row_groups as n from parquet_file_metadata('${path}')`)
    expect(Number(groups?.n)).toBe(5)
    const found = await duckdb(`select length(caption) as n from '${path}'`)
    expect(found).toEqual(new Array(40).fill({ n: 1_000_000n }))
  })

  test('keeps what many rows in turn have, across absent values and groups, and the bounds of each group', async () => {
    const captions = ['ä', 'ä', null, 'ä', '', '', null, 'b']
    const row = (at: number): Row => ({ ...rowOf(at), caption: captions[Math.floor(at / 3) % 8] ?? null })
    const path = await written(tableOf(25_000, row))
    const found = await readParquet(path)
    expect(found.map(({ caption }) => caption)).toEqual(
      Array.from({ length: 25_000 }, (_, at) => row(at).caption),
    )
    const bounds = await duckdb(
      `select stats_min_value as low, stats_max_value as high from parquet_metadata('${path}') where path_in_schema = 'id' order by row_group_id`,
    )
    // The writer keeps 16 characters, and counts the last of a greatest one up.
    const begin = (at: number): string => String(rowOf(at).id).slice(0, 16)
    expect(bounds).toEqual(
      [0, 10_000, 20_000].map(at => ({
        low: begin(at),
        high: String(BigInt(begin(Math.min(at + 9_999, 24_999))) + 1n),
      })),
    )
  })

  test('of no rows has its columns all the same', async () => {
    const path = await written(tableOf(0))
    expect(await duckdb(`select count(*) as n, count(id) as ids from '${path}'`)).toEqual([
      { n: 0n, ids: 0n },
    ])
  })
})

describe('compressed text', () => {
  test.each([
    ['csv', 'gzip', gunzipSync],
    ['jsonl', 'zstd', zstdDecompressSync],
    ['json', 'gzip', gunzipSync],
  ] as const)('%s by %s is the same text', async (format, packing, unpack) => {
    const plain = readFileSync(await written(tableOf(5_000), format))
    const packed = readFileSync(await written(tableOf(5_000), format, packing))
    expect(packed.length).toBeLessThan(plain.length / 3)
    expect(unpack(packed).equals(plain)).toBe(true)
  })
})
