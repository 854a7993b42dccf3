import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { exportTable } from '../../../src/export/export.ts'
import { FORMATS, type FormatName } from '../../../src/export/formats.ts'
import type { Column, Row, Table } from '../../../src/export/table.ts'
import { tempFolder } from '../../support/cli.ts'
import { perFile } from '../../support/fresh.ts'

const folder = perFile(tempFolder)

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'id' },
  { name: 'caption', type: 'text' },
  { name: 'created_at', type: 'instant' },
  { name: 'like_count', type: 'counter' },
  { name: 'verified', type: 'flag' },
  { name: 'extra', type: 'json' },
]

const STARTS = ['=1+1', '+1', '-1', '@north', '\tcell', '\rcell']
const CAPTIONS: readonly (string | null)[] = [
  '',
  null,
  'plain',
  ' spaces ',
  '😀👩‍👩‍👧‍👦 é ü',
  'שלום "עולם", مرحبا',
  'comma, "quotes" and \'apostrophes\'',
  'line\nbreak\r\nand return\ralone',
  '\u2028 and \u0085 end no line',
  '","',
  '"',
  '\\N',
  'x'.repeat(100_000),
  '00123',
  '7212345678901234567',
  ...STARTS,
  ...STARTS.map(start => `"${start}"`),
]

const rowsOf = (): Row[] =>
  CAPTIONS.map((caption, index) => ({
    id: `${7_212_345_678_901_234_000n + BigInt(index)}`,
    caption,
    created_at: index % 2 === 0 ? '2026-03-01T10:20:30.000Z' : null,
    like_count: index % 3 === 0 ? null : index % 3 === 1 ? -index : 9_007_199_254_740_993n,
    verified: [true, false, null, 1, 0][index % 5] ?? null,
    extra: index % 2 === 0 ? '{"a":[1,"x,y"],\n"big":7212345678901234567}' : null,
    unasked: 'a key without a column',
  }))

async function* stream(rows: Iterable<Row>): AsyncGenerator<Row> {
  yield* rows
}

const table = (rows: Iterable<Row> = rowsOf(), columns = COLUMNS): Table => ({
  name: 'posts',
  columns,
  rows: stream(rows),
})

const written = async (format: FormatName, from = table(), excel = false): Promise<string> => {
  const out = folder().file(`posts.${format}`)
  await exportTable(from, out, { format, excel, force: true })
  return out
}

const text = async (format: FormatName, from?: Table, excel?: boolean): Promise<string> =>
  readFile(await written(format, from, excel), 'utf8')

/** The file as a parser reads it that nobody here wrote; null where there is no Python. */
const python = (script: string, file: string): unknown => {
  try {
    const options = { encoding: 'utf8', maxBuffer: 2 ** 26 } as const
    return JSON.parse(execFileSync('python3', ['-c', `import csv, json, sys\n${script}`, file], options))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Parquet is read by DuckDB: `parquet.test.ts`; messages of Singer by `test/e2e/singer.test.ts`. */
const PARSERS: Readonly<Record<Exclude<FormatName, 'parquet' | 'singer'>, string>> = {
  csv: 'print(json.dumps(list(csv.reader(open(sys.argv[1], encoding="utf-8", newline=""), strict=True))))',
  json: 'print(json.dumps(json.load(open(sys.argv[1], encoding="utf-8"), parse_int=str)))',
  jsonl:
    'print(json.dumps([json.loads(line, parse_int=str) for line in open(sys.argv[1], encoding="utf-8").read().splitlines()]))',
}

const flag = (value: Row[string] | undefined): boolean | null => (value == null ? null : Boolean(value))

/** What an exact parser must find in each row; whole numbers as their digits. */
const EXPECTED: Readonly<Record<'csv' | 'json', () => unknown[]>> = {
  csv: () => [
    COLUMNS.map(({ name }) => name),
    ...rowsOf().map(row => [
      ...['id', 'caption', 'created_at', 'like_count'].map(name => String(row[name] ?? '')),
      String(flag(row.verified) ?? ''),
      row.extra ?? '',
    ]),
  ],
  json: () =>
    rowsOf().map(row => ({
      id: row.id,
      caption: row.caption,
      created_at: row.created_at,
      like_count: row.like_count === null ? null : String(row.like_count),
      verified: flag(row.verified),
      extra: row.extra === null ? null : { a: ['1', 'x,y'], big: '7212345678901234567' },
    })),
}

describe('every format is read back exactly by another parser', () => {
  for (const format of Object.keys(PARSERS) as (keyof typeof PARSERS)[]) {
    test(format, async ({ skip }) => {
      const found = python(PARSERS[format], await written(format))
      if (found === null) skip('python3 is not on this machine: nothing else here reads the file back')
      expect(found).toEqual(EXPECTED[format === 'csv' ? 'csv' : 'json']())
    })
  }
})

describe('csv', () => {
  const columns: readonly Column[] = [
    { name: 'id', type: 'id' },
    { name: 'caption', type: 'text' },
    { name: 'like_count', type: 'counter' },
  ]

  test('keeps absent and empty apart, and quotes nothing else that need not be', async () => {
    const rows = [
      { id: '1', caption: null, like_count: null },
      { id: '2', caption: '', like_count: 0 },
      { id: '3', caption: 'a b', like_count: 5 },
    ]
    expect(await text('csv', table(rows, columns))).toBe(
      'id,caption,like_count\r\n1,,\r\n2,"",0\r\n3,a b,5\r\n',
    )
  })

  test.each(STARTS)('leaves %j as it is', async start => {
    const rows = [{ id: '1', caption: start, like_count: 1 }]
    const cell = start.includes('\r') ? `"${start}"` : start
    expect(await text('csv', table(rows, columns))).toContain(`\r\n1,${cell},1\r\n`)
  })

  test('for a spreadsheet makes every start harmless, also behind quotes, and keeps digits', async () => {
    const harmful = [...STARTS, ...STARTS.map(start => `"${start}`), '\uff1d1+1', '\n=1']
    const rows = harmful.map(caption => ({ id: '7212345678901234567', caption, like_count: -5 }))
    const file = await written('csv', table(rows, columns), true)
    const bytes = await readFile(file, 'utf8')
    expect(bytes.startsWith('\ufeffid,caption,like_count\r\n')).toBe(true)
    const cells = bytes.slice(1).match(/'7212345678901234567,("'[^,]*"|'[^",\r\n]*),-5(?=\r\n)/g)
    expect(cells).toHaveLength(harmful.length)
    const found = python(PARSERS.csv, file) as string[][] | null
    if (found !== null)
      expect(found.slice(1).map(([, caption]) => caption)).toEqual(harmful.map(c => `'${c}`))
  })

  test('for a spreadsheet leaves other text alone', async () => {
    const rows = ['plain', '12', "it's = fine", '', null].map(caption => ({
      id: 'UCx',
      caption,
      like_count: 1,
    }))
    const body = (await text('csv', table(rows, columns), true)).split('\r\n').slice(1, -1)
    expect(body).toEqual(['UCx,plain,1', 'UCx,12,1', "UCx,it's = fine,1", 'UCx,"",1', 'UCx,,1'])
    const digits = [{ id: '12', caption: '123456789012', like_count: 1 }]
    expect(await text('csv', table(digits, columns), true)).toContain("\r\n'12,'123456789012,1\r\n")
  })
})

test('an empty table is a whole file of its format', async () => {
  expect(await text('json', table([]))).toBe('[]\n')
  expect(await text('jsonl', table([]))).toBe('')
  expect(await text('csv', table([]))).toBe('id,caption,created_at,like_count,verified,extra\r\n')
})

test('json and jsonl write ids as strings, counters as numbers and json columns as values', async () => {
  const rows = [{ id: 17, caption: 'a', created_at: null, like_count: 3, verified: 0, extra: '[1]' }]
  const line = '{"id":"17","caption":"a","created_at":null,"like_count":3,"verified":false,"extra":[1]}'
  expect(await text('jsonl', table(rows))).toBe(`${line}\n`)
  expect(await text('json', table([...rows, ...rows]))).toBe(`[\n${line},\n${line}\n]\n`)
})

test.each(Object.keys(FORMATS) as FormatName[])(
  'an id that was rounded is never written as %s',
  async format => {
    const rows = [{ id: 2 ** 60, caption: 'a' }]
    await expect(written(format, table(rows))).rejects.toThrow('column id holds the id 1152921504606847000')
  },
)
