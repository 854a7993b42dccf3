import { jsonRows } from './json-row.ts'
import type { Column, ColumnType, Table } from './table.ts'

/**
 * What a page told may be stored a while after it was fetched, when later ones are exported already: a bookmark stands so far before the newest
 * row. What comes twice has the same key.
 */
const OVERLAP_MS = 3_600_000

type Bookmarks = Record<string, Record<string, string>>

/**
 * Messages of Singer (https://github.com/singer-io/getting-started, SPEC.md), one a line: of each table its SCHEMA, a RECORD for each row, and the
 * STATE, whose bookmarks are moments that `--since` takes. Ids and JSON are text, so that no target rounds them.
 */
export async function* singer(tables: readonly Table[]): AsyncGenerator<string> {
  const bookmarks: Bookmarks = {}
  for (const { name, columns, rows, key = [], bookmark = null } of tables) {
    yield line(schemaOf(name, columns, key, bookmark?.column ?? null))
    const write = jsonRows(
      columns.map(column => (column.type === 'json' ? { ...column, type: 'text' } : column)),
    )
    const start = `{"type":"RECORD","stream":${JSON.stringify(name)},"record":`
    let newest = ''
    for await (const row of rows) {
      const at = bookmark === null ? null : row[bookmark.column]
      if (typeof at === 'string' && at > newest) newest = at
      yield `${start}${write(row)}}\n`
    }
    const reached = bookmark === null ? null : laterOf(bookmark.from, newest)
    if (bookmark !== null && reached !== null) bookmarks[name] = { [bookmark.column]: reached }
    yield line({ type: 'STATE', value: { bookmarks } })
  }
}

const line = (message: object): string => `${JSON.stringify(message)}\n`

/** Never before the moment from which rows were wanted: what is older was exported before. */
const laterOf = (from: string | null, newest: string): string | null => {
  if (newest === '') return from
  const at = new Date(Date.parse(newest) - OVERLAP_MS).toISOString()
  return from !== null && from > at ? from : at
}

const TYPES: Readonly<Record<ColumnType, { readonly type: string; readonly format?: string }>> = {
  text: { type: 'string' },
  id: { type: 'string' },
  json: { type: 'string' },
  instant: { type: 'string', format: 'date-time' },
  counter: { type: 'integer' },
  ratio: { type: 'number' },
  flag: { type: 'boolean' },
}

const schemaOf = (
  stream: string,
  columns: readonly Column[],
  key: readonly string[],
  bookmark: string | null,
): object => ({
  type: 'SCHEMA',
  stream,
  schema: {
    type: 'object',
    properties: Object.fromEntries(
      columns.map(({ name, type: of }) => {
        const { type, ...format } = TYPES[of]
        return [name, { type: key.includes(name) ? [type] : ['null', type], ...format }]
      }),
    ),
  },
  key_properties: key,
  ...(columns.some(({ name }) => name === bookmark) ? { bookmark_properties: [bookmark] } : {}),
})
