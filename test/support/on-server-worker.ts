import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MessagePort, parentPort } from 'node:worker_threads'
import Database from 'better-sqlite3'
import pg from 'pg'
import { COPIED } from '../../src/store/admin/copied-tables.ts'
import { migrate } from '../../src/store/admin/migrate.ts'
import { PostgresDatabase } from '../../src/store/postgres/database.ts'
import { TYPES } from '../../src/store/postgres/values.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import type { Answered, Asked } from './on-server.ts'
import { openTestDatabase, superuserAt, type TestDatabase } from './postgres.ts'

/** Speaks to the server for tests that wait for it (`on-server.ts`). */
const places = new Map<string, TestDatabase>()
const TABLES = ['workers', ...COPIED.map(({ name }) => name)]
const GIVE_IDS = COPIED.filter(({ givesIds }) => givesIds).map(({ name }) => name)
const ROWS = 500
let folder: string | null = null
let views = 0

type Row = Record<string, unknown>

const newView = async (): Promise<string> => {
  folder ??= mkdtempSync(join(tmpdir(), 'views-'))
  const empty = join(folder, 'empty.db')
  if (!existsSync(empty)) {
    const file = SqliteFile.open(empty)
    await migrate(file)
    await file.close()
  }
  const view = join(folder, `view-${++views}.db`)
  copyFileSync(empty, view)
  return view
}

const placed = (path: string): TestDatabase => {
  const found = places.get(path)
  if (found === undefined) throw new Error(`nothing is placed for ${path}`)
  return found
}

const place = async (path: string): Promise<string> => {
  const database = await openTestDatabase('empty')
  places.set(path, database)
  if (existsSync(path)) {
    const opened = await PostgresDatabase.open(database.url)
    await migrate(opened)
    await opened.close()
    await put(path, path)
  }
  return database.url
}

/** What the database holds at this moment. */
const view = async (path: string): Promise<string> => {
  const client = new pg.Client({ connectionString: placed(path).url, types: TYPES })
  await client.connect()
  const to = await newView()
  const file = new Database(to)
  try {
    await client.query('begin isolation level repeatable read')
    file.pragma('foreign_keys = off')
    file.pragma('synchronous = off')
    file.exec('begin')
    const { rows: there } = await client.query<{ name: string }>(
      'select relname::text as name from pg_class where relnamespace = current_schema()::regnamespace',
    )
    if (!there.some(({ name }) => name === 'sync_runs')) throw new Error(`${path} has no tables yet`)
    for (const table of TABLES) {
      const { rows, fields } = await client.query<Row>(`select * from ${table} order by ctid`)
      const names = fields.map(({ name }) => name)
      const insert = file.prepare(
        `insert into ${table} (${names.map(name => `"${name}"`)}) values (${names.map(() => '?')})`,
      )
      for (const row of rows) insert.run(...names.map(name => row[name]))
    }
    for (const table of GIVE_IDS) {
      const { rows } = await client.query<{ last: number | null }>(
        `select pg_sequence_last_value(pg_get_serial_sequence('${table}', 'id')::regclass) as last`,
      )
      file.prepare('update sqlite_sequence set seq = ? where name = ?').run(rows[0]?.last ?? 0, table)
    }
    file.exec('commit')
    return to
  } finally {
    file.close()
    await client.end()
  }
}

/** Its rows in the place of all that there are, whatever they point to. */
const put = async (path: string, from: string): Promise<void> => {
  const client = new pg.Client({ connectionString: await superuserAt(placed(path).url), types: TYPES })
  await client.connect()
  const file = new Database(from, { readonly: true })
  try {
    // No lock that who reads would be in the way of.
    await client.query(
      `begin; set local session_replication_role = replica; set local lock_timeout = '30s'; set local statement_timeout = '60s'`,
    )
    await client.query(TABLES.map(table => `delete from ${table}`).join(';'))
    for (const table of TABLES) {
      const rows = file.prepare(`select * from ${table}`).all() as Row[]
      const names = Object.keys(rows[0] ?? {})
      for (let at = 0; at < rows.length; at += ROWS) {
        const slice = rows.slice(at, at + ROWS)
        const values = slice.map(
          (_, row) => `(${names.map((_, column) => `$${row * names.length + column + 1}`)})`,
        )
        await client.query(
          `insert into ${table} (${names.map(name => `"${name}"`)}) values ${values}`,
          slice.flatMap(row => names.map(name => row[name])),
        )
      }
    }
    const ids = file.prepare('select name, seq from sqlite_sequence').all() as { name: string; seq: number }[]
    for (const table of GIVE_IDS) {
      const last = ids.find(({ name }) => name === table)?.seq ?? 0
      await client.query(
        `select setval(pg_get_serial_sequence('${table}', 'id'), greatest(${last}, coalesce(max(id), 0)) + 1, false) from ${table}`,
      )
    }
    await client.query('commit')
  } finally {
    file.close()
    await client.end()
  }
}

const drop = async (of: string): Promise<void> => {
  for (const [path, database] of places) {
    if (!path.startsWith(`${of}/`)) continue
    places.delete(path)
    await database[Symbol.asyncDispose]()
  }
  // A worker of a suite has many files of tests.
  if (places.size === 0 && folder !== null) {
    rmSync(folder, { recursive: true, force: true })
    folder = null
  }
}

const answer = async (asked: Asked): Promise<string> => {
  switch (asked.ask) {
    case 'place':
      return place(asked.path)
    case 'view':
      return view(asked.path)
    case 'put':
      await put(asked.path, asked.view)
      return ''
    case 'drop':
      await drop(asked.folder)
      return ''
  }
}

parentPort?.on(
  'message',
  async ({ asked, flag, port }: { asked: Asked; flag: Int32Array<SharedArrayBuffer>; port: MessagePort }) => {
    let answered: Answered
    try {
      answered = { text: await answer(asked) }
    } catch (error) {
      answered = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
    port.postMessage(answered)
    Atomics.store(flag, 0, 1)
    Atomics.notify(flag, 0)
  },
)
