import pg from 'pg'
import { TYPES } from '../../src/store/postgres/values.ts'
import type { Row } from '../support/tables.ts'
import { type Call, Calls, KEYS, type Stored, TABLES } from './bare.ts'

/** How a bare loop writes the rows of a page: a list for each column, or COPY into a table of its own and from there. */
export type Way = 'unnest' | 'copy'

const CONCURRENCY = 4

/**
 * Makes the calls of a run, parses each answer, and writes an equal share of its rows after each, in one transaction, on as many
 * connections as calls are in flight. `like` = the database whose tables are made again. Gives ms.
 */
export const bareLoopOnServer = async (
  calls: readonly Call[],
  { rows }: Pick<Stored, 'rows'>,
  url: string,
  env: Readonly<Record<string, string>>,
  way: Way,
): Promise<number> => {
  const clients = await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      const client = new pg.Client({ connectionString: url, types: TYPES })
      await client.connect()
      return client
    }),
  )
  const tables = TABLES.filter(table => rows[table].length > 0)
  const writers = await Promise.all(
    clients.map(async client => {
      const writes: ((page: number) => Promise<void>)[] = []
      for (const table of tables) writes.push(await writerOf(client, table, rows[table], calls.length, way))
      return async (page: number): Promise<void> => {
        await client.query('begin')
        for (const write of writes) await write(page)
        await client.query('commit')
      }
    }),
  )
  await using making = new Calls(env)
  const began = performance.now()
  let next = 0
  await Promise.all(
    writers.map(async write => {
      while (next < calls.length) {
        const index = next++
        const call = calls[index]
        if (call === undefined) return
        await making.make(call)
        await write(index)
      }
    }),
  )
  const took = performance.now() - began
  await Promise.all(clients.map(client => client.end()))
  return took
}

/** Writes the share of a table's rows that belongs to a page, as upserts under the same key. */
const writerOf = async (
  client: pg.Client,
  table: string,
  rows: readonly Row[],
  pages: number,
  way: Way,
): Promise<(page: number) => Promise<void>> => {
  const columns = Object.keys(rows[0] ?? {})
  const key = KEYS[table] ?? ['network', 'id']
  const others = columns.filter(column => !key.includes(column))
  const into = `insert into ${table} (${columns.join(', ')})`
  const update = `on conflict (${key.join(', ')}) do update set ${others.map(column => `${column} = excluded.${column}`).join(', ')}`
  const shareOf = (page: number): readonly Row[] =>
    rows.slice(Math.floor((rows.length * page) / pages), Math.floor((rows.length * (page + 1)) / pages))
  if (way === 'copy') {
    await client.query(`create temp table new_${table} (like ${table}) on commit delete rows`)
    return async page => {
      const share = shareOf(page)
      if (share.length === 0) return
      await copyIn(client, `copy new_${table} (${columns.join(', ')}) from stdin`, columns, share)
      await client.query({
        name: `from_${table}`,
        text: `${into} select ${columns.join(', ')} from new_${table} ${update}`,
      })
    }
  }
  const isText = new Set(columns.filter(column => rows.some(row => typeof row[column] === 'string')))
  const lists = columns.map((column, at) => `$${at + 1}::${isText.has(column) ? 'text' : 'bigint'}[]`)
  return async page => {
    const share = shareOf(page)
    if (share.length === 0) return
    await client.query({
      name: `into_${table}`,
      text: `${into} select * from unnest(${lists.join(', ')}) ${update}`,
      values: columns.map(column => share.map(row => row[column])),
    })
  }
}

/** COPY by the protocol: the rows as text, in one message. */
export const copyIn = (
  client: pg.Client,
  text: string,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> => {
  const data = rows.map(row => `${columns.map(column => fieldOf(row[column])).join('\t')}\n`).join('')
  return new Promise((resolve, reject) => {
    const copy = {
      submit: (connection: { query(text: string): void }) => connection.query(text),
      handleCopyInResponse: (connection: { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }) => {
        connection.sendCopyFromChunk(Buffer.from(data))
        connection.endCopyFrom()
      },
      handleCommandComplete: () => {},
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    }
    client.query(copy as unknown as pg.Submittable)
  })
}

const fieldOf = (value: unknown): string =>
  value === null || value === undefined
    ? '\\N'
    : String(value).replaceAll(/[\\\n\r\t]/g, found => ESCAPED[found] ?? found)

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
