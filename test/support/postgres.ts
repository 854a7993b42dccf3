import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../../src/store/admin/migrate.ts'
import { PostgresDatabase } from '../../src/store/postgres/database.ts'
import { TYPES } from '../../src/store/postgres/values.ts'
import { SUITE } from './artefacts.ts'
import { startServer } from './postgres-server.ts'
import type { Row } from './tables.ts'

/** A database of its own for a test, on a server that all tests of a suite share; it is gone when it is disposed of. */
export interface TestDatabase extends AsyncDisposable {
  /** Of a role that owns it and is no superuser. */
  readonly url: string
  rows(sql: string): Promise<Row[]>
}

/** The server of the tests, and the template that has all tables. */
interface Known {
  readonly admin: string
  readonly role: string
  readonly password: string
  readonly template: string
}

/** A database with all tables, or with `empty` without any. */
export const openTestDatabase = async (what: 'migrated' | 'empty' = 'migrated'): Promise<TestDatabase> => {
  const server = await shared()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const like = what === 'empty' ? EMPTY : `template ${server.template}`
  await asAdmin(server.admin, `create database ${name} owner ${server.role} ${like}`)
  const url = urlOf(server, name)
  return {
    url,
    rows: sql => rowsAt(url, sql),
    [Symbol.asyncDispose]: () => asAdmin(server.admin, `drop database ${name} with (force)`),
  }
}

/** What a superuser finds on the server of the tests. */
export const asSuperuser = async (sql: string): Promise<Row[]> => rowsAt((await shared()).admin, sql)

/** The URL of a test's database, for a superuser. */
export const superuserAt = async (url: string): Promise<string> => {
  const at = new URL((await shared()).admin)
  at.pathname = new URL(url).pathname
  return at.href
}

export const rowsAt = async (url: string, sql: string): Promise<Row[]> => {
  const client = new pg.Client({ connectionString: url, types: TYPES })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const asAdmin = async (url: string, sql: string): Promise<void> => void (await rowsAt(url, sql))

const urlOf = ({ admin, role, password }: Known, database: string): string => {
  const url = new URL(admin)
  url.username = role
  url.password = password
  url.pathname = `/${database}`
  return url.href
}

/** It orders texts as people do, which ours must not be: that shows where a column does not say so. */
const EMPTY = `template template0 locale_provider icu icu_locale 'en-US'`

let known: Promise<Known> | null = null

const shared = (): Promise<Known> => {
  known ??= findOrStart()
  return known
}

/** The first worker of a suite that asks starts it, the others wait for it to tell. */
const findOrStart = async (): Promise<Known> => {
  const suite = process.env[SUITE]
  if (suite === undefined) return prepare()
  const folder = join(suite, 'postgres')
  const told = join(folder, 'server.json')
  try {
    mkdirSync(folder)
  } catch (error) {
    if (Object(error).code !== 'EEXIST') throw error
    const giveUpAt = Date.now() + 60_000
    while (!existsSync(told)) {
      if (Date.now() > giveUpAt) throw new Error('another worker does not get PostgreSQL started')
      await new Promise(resume => setTimeout(resume, 50))
    }
    return JSON.parse(readFileSync(told, 'utf8')) as Known
  }
  const found = await prepare()
  writeFileSync(`${told}.new`, JSON.stringify(found))
  renameSync(`${told}.new`, told)
  return found
}

const prepare = async (): Promise<Known> => {
  const given = process.env.SOCSYNC_TEST_POSTGRES_URL
  const template = `template_${randomUUID().replaceAll('-', '')}`
  let server: Known
  if (given === undefined) {
    const started = await startServer(process.env[SUITE] === undefined ? 'process' : 'suite')
    server = { admin: started.url, role: 'socsync', password: randomUUID(), template }
    await asAdmin(server.admin, `create role socsync login password '${server.password}'`)
  } else {
    const { username, password } = new URL(given)
    server = {
      admin: given,
      role: decodeURIComponent(username),
      password: decodeURIComponent(password),
      template,
    }
  }
  await asAdmin(server.admin, `create database ${template} owner ${server.role} ${EMPTY}`)
  const database = await PostgresDatabase.open(urlOf(server, template))
  await migrate(database)
  await database.close()
  return server
}
