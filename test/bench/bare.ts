import Database from 'better-sqlite3'
import { Agent, request } from 'undici'
import { ENCODINGS, unpack } from '../../src/http/body.ts'
import { decode } from '../../src/http/json.ts'
import { RESULT_TABLES, type Row } from '../support/tables.ts'

/** A call of a finished run, to be made again. */
export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query: string
  /** Of JSON; empty = none. */
  readonly body: string
}

export const TABLES = [...RESULT_TABLES, 'metrics'] as const
type Rows = Readonly<Record<(typeof TABLES)[number], readonly Row[]>>

/** The calls that the sandbox saw since its log was cleared, in order. */
export const callsOf = async (origin: string): Promise<Call[]> => {
  const answer = await fetch(`${origin}/sandbox/log`)
  const { calls } = (await answer.json()) as {
    calls: {
      method: Call['method']
      path: string
      fields: Record<string, string>
      body: string
      status: number
    }[]
  }
  return calls
    .filter(call => call.status === 200)
    .map(({ method, path, fields, body }) => {
      const shown = Object.entries(fields).filter(([, value]) => !value.includes('***'))
      return { method, path, query: new URLSearchParams(shown).toString(), body }
    })
}

/** What a run stored: the definitions of its tables and indexes, and their rows in the order of the pages. */
export const storedBy = (path: string): Stored => {
  const db = new Database(path, { readonly: true })
  const marks = TABLES.map(() => '?').join(', ')
  const definitions = db
    .prepare(
      `select sql from sqlite_schema where tbl_name in (${marks}) and sql is not null order by type desc`,
    )
    .pluck()
    .all(...TABLES) as string[]
  const rows = TABLES.map(table => {
    const time = table === 'metrics' ? 'observed_at' : 'fetched_at'
    return [table, db.prepare(`select * from ${table} order by ${time}`).all()]
  })
  db.close()
  return { definitions, rows: Object.fromEntries(rows) as Rows }
}

export interface Stored {
  readonly definitions: readonly string[]
  readonly rows: Rows
}

/** Makes calls as the run made them: compressed answers of the same length, read as exactly. */
export class Calls implements AsyncDisposable {
  readonly #agent = new Agent({ connections: 64 })
  readonly #headers: Readonly<Record<string, string>>
  readonly #origin: string
  constructor(env: Readonly<Record<string, string>>) {
    const token = env.SOCSYNC_INSTAGRAM_ACCESS_TOKEN ?? ''
    this.#headers = {
      accept: 'application/json',
      'accept-encoding': ENCODINGS,
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
    }
    this.#origin = env.SOCSYNC_INSTAGRAM_BASE_URL ?? ''
  }

  async make({ method, path, query, body: sent }: Call): Promise<void> {
    const { statusCode, headers, body } = await request(`${this.#origin}${path}?${query}`, {
      method,
      ...(sent !== '' && { body: sent }),
      headers: this.#headers,
      dispatcher: this.#agent,
    })
    const packed = Buffer.from(await body.arrayBuffer())
    const bytes = await unpack(packed, String(headers['content-encoding'] ?? ''), MOST_BYTES)
    if (statusCode !== 200 || decode(bytes.toString()) === null)
      throw new Error(`${path} answered ${statusCode}`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#agent.close()
  }
}

const MOST_BYTES = 64 * 1024 * 1024
const CONCURRENCY = 4

/** Makes the calls, parses each answer, and writes an equal share of the rows after each in one transaction. Gives ms. */
export const bareLoop = async (
  calls: readonly Call[],
  { definitions, rows }: Stored,
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<number> => {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('cache_size = -65536')
  for (const definition of definitions) db.exec(definition)
  const writers = TABLES.filter(table => rows[table].length > 0).map(table =>
    writer(db, table, rows[table], calls.length),
  )
  await using making = new Calls(env)
  const page = db.transaction((index: number) => {
    for (const write of writers) write(index)
  })

  const began = performance.now()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < calls.length) {
      const index = next++
      const call = calls[index]
      if (call === undefined) return
      await making.make(call)
      page.immediate(index)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  const took = performance.now() - began
  db.close()
  return took
}

/** Writes the share of a table's rows that belongs to a page, as upserts under the same key. */
const writer = (db: Database.Database, table: string, rows: readonly Row[], pages: number) => {
  const columns = Object.keys(rows[0] ?? {})
  const key = KEYS[table] ?? ['network', 'id']
  const others = columns.filter(column => !key.includes(column))
  const statement = db.prepare(
    `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})
     on conflict (${key.join(', ')}) do update set ${others.map(column => `${column} = excluded.${column}`).join(', ')}`,
  )
  return (page: number): void => {
    const from = Math.floor((rows.length * page) / pages)
    const to = Math.floor((rows.length * (page + 1)) / pages)
    for (let at = from; at < to; at++) {
      const row = rows[at]
      if (row !== undefined) statement.run(columns.map(column => row[column]))
    }
  }
}

/** The keys of tables that are not `network, id`. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  media: ['network', 'post_id', 'position'],
  likes: ['network', 'post_id', 'author_id'],
  metrics: ['network', 'subject', 'subject_id', 'name', 'observed_at'],
}
