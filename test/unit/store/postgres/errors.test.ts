import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { BadInput, SocsyncError } from '../../../../src/core/errors.ts'
import { migrate } from '../../../../src/store/admin/migrate.ts'
import { isThere, openDatabase, openReading } from '../../../../src/store/connect.ts'
import type { Tx } from '../../../../src/store/database/database.ts'
import { perFile } from '../../../support/fresh.ts'
import { asSuperuser, openTestDatabase } from '../../../support/postgres.ts'
import { startServer } from '../../../support/postgres-server.ts'

const there = perFile(openTestDatabase)
const pem = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url))
const changed = (change: (url: URL) => void): string => {
  const url = new URL(there().url)
  change(url)
  return url.href
}

/** What opening tells, for reading and for writing: the same, and never a password. */
const failureOf = async (url: string): Promise<SocsyncError> => {
  const failures = await Promise.all(
    [openDatabase, openReading].map(async open => {
      try {
        await (await open(url)).close()
      } catch (error) {
        return error as SocsyncError
      }
      throw new Error('it was opened')
    }),
  )
  const [failure, other] = failures as [SocsyncError, SocsyncError]
  expect(failure).toBeInstanceOf(SocsyncError)
  expect(other.message).toBe(failure.message)
  expect(`${failure.message} ${failure.hint}`).not.toContain(new URL(there().url).password)
  expect(failure.hint).not.toBeNull()
  return failure
}

describe('a server that does not let one in', () => {
  it('for a wrong password', async () => {
    const failure = await failureOf(changed(url => (url.password = 'wrong')))
    expect(failure).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('does not let this user in'),
    })
    expect(failure.message).not.toContain('wrong')
  })

  it('without a password', async () => {
    const failure = await failureOf(changed(url => (url.password = '')))
    expect(failure).toMatchObject({ exitCode: 2, message: expect.stringContaining('asks for a password') })
  })

  it('because it has no such database', async () => {
    const failure = await failureOf(changed(url => (url.pathname = '/nowhere')))
    expect(failure).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^there is no database .*nowhere$/),
    })
  })

  it('because it is none, or no host', async () => {
    const silent = createServer(socket => socket.resume().end('HTTP/1.1 400\r\n')).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    expect(await failureOf(changed(url => (url.port = String(port))))).toMatchObject({ exitCode: 1 })
    await new Promise(resolve => silent.close(resolve))
    const failure = await failureOf(changed(url => (url.port = String(port))))
    expect(failure).toMatchObject({ exitCode: 1, message: expect.stringContaining('cannot be reached') })
    expect(await failureOf('postgres://u@host.invalid/d?sslmode=disable')).toMatchObject({
      exitCode: expect.any(Number),
    })
  })
})

it('a role that may not make tables is told what it needs', async () => {
  await using other = await openTestDatabase('empty')
  const role = `reader_${Date.now()}`
  await asSuperuser(`create role ${role} login password 'reader'`)
  const url = new URL(other.url)
  url.username = role
  url.password = 'reader'
  const database = await openDatabase(url.href)
  await expect(migrate(database)).rejects.toMatchObject({
    exitCode: 2,
    hint: expect.stringContaining('CREATE'),
  })
  await database.close()
  await asSuperuser(`drop role ${role}`)
})

it('a database that only reads is told from one that is written', async () => {
  await using other = await openTestDatabase()
  const name = new URL(other.url).pathname.slice(1)
  await asSuperuser(`alter database ${name} set default_transaction_read_only = on`)
  const reading = await openReading(other.url)
  expect(await reading.db.selectFrom('memory').selectAll().execute()).toEqual([])
  await reading.close()
})

describe('a database without tables of ours', () => {
  it('is new where it is empty', async () => {
    await using other = await openTestDatabase('empty')
    expect(await isThere(other.url)).toBe(false)
    await expect(openReading(other.url)).rejects.toThrow('is empty: no database yet')
    const database = await openDatabase(other.url)
    expect(await migrate(database)).toMatchObject({ from: 0, backup: null })
    await database.close()
    expect(await isThere(other.url)).toBe(true)
  })

  it('is another program’s where it has tables, and stays as it is', async () => {
    await using other = await openTestDatabase('empty')
    await other.rows('create table notes (text text)')
    for (const open of [openDatabase, openReading, isThere])
      await expect(open(other.url)).rejects.toThrow(/is a database of another program/)
    // In a schema of its own it disturbs nobody.
    await other.rows('create schema own')
    const url = `${other.url}?options=${encodeURIComponent('-c search_path=own')}`
    const database = await openDatabase(url)
    await migrate(database)
    await database.close()
    expect(await isThere(url)).toBe(true)
    expect(await other.rows(`select count(*) as n from pg_tables where schemaname = 'public'`)).toEqual([
      { n: 1 },
    ])
  })
})

it('TLS: whose certificate is not trusted, or another host’s, is not spoken to', async () => {
  await using server = await startServer('process', { cert: pem('good'), key: pem('key') })
  const through = (host: string, settings: string) => `${server.url.replace('127.0.0.1', host)}?${settings}`
  const untrusted = async (url: string) =>
    await expect(openDatabase(url)).rejects.toSatisfy(
      error => error instanceof BadInput && /cannot be trusted/.test(error.message),
    )
  await untrusted(through('localhost', 'sslmode=verify-full'))
  await untrusted(through('127.0.0.1', `sslmode=verify-full&sslrootcert=${pem('ca')}`))
  for (const [host, settings] of [
    ['localhost', `sslmode=verify-full&sslrootcert=${pem('ca')}`],
    ['127.0.0.1', `sslmode=verify-ca&sslrootcert=${pem('ca')}`],
    ['127.0.0.1', 'sslmode=require'],
    ['127.0.0.1', 'sslmode=disable'],
  ] as const) {
    const database = await openDatabase(through(host, settings))
    await migrate(database)
    expect(await database.committed.db.selectFrom('memory').selectAll().execute()).toEqual([])
    await database.close()
  }
})

describe('a bug in what is asked of a server', () => {
  /** Of a transaction that undid itself, however it failed. */
  const bugOf = async (work: (tx: Tx) => Promise<unknown>): Promise<Error> => {
    const database = await openDatabase(there().url)
    try {
      return await database.write(work).then(
        () => expect.unreachable('it was done'),
        (error: unknown) => error as Error,
      )
    } finally {
      await database.close()
    }
  }

  it('names the statement, in one line, and none of its values', async () => {
    const row = { network: 'a value', owner: 'of somebody', next_at: null as unknown as number }
    const bug = await bugOf(({ db }) => db.insertInto('paces').values(row).execute())
    expect(bug).not.toBeInstanceOf(SocsyncError)
    expect(bug.message).toBe(
      'null value in column "next_at" of relation "paces" violates not-null constraint, in: ' +
        'insert into "paces" ("network", "owner", "next_at") values ($1::text, $2::text, null)',
    )
    expect(bug.stack).toContain(bug.message)
    expect(bug.stack).not.toMatch(/a value|of somebody/)
  })

  it('is told of the first statement that failed, though the work went on', async () => {
    const bug = await bugOf(async ({ db }) => {
      await sql`select
        nothing`
        .execute(db)
        .catch(() => {})
      await sql`select 1`.execute(db).catch(() => {})
    })
    expect(bug.message).toBe('column "nothing" does not exist, in: select nothing')
  })

  it('does not tell all of a long one', async () => {
    const bug = await bugOf(({ db }) => sql.raw(`select nothing, '${'x'.repeat(5_000)}'`).execute(db))
    expect(bug.message.length).toBeLessThan(1_200)
    expect(bug.message).toMatch(/in: select nothing, 'x+…$/)
  })
})
