// @module-tag long
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrate } from '../../../../src/store/admin/migrate.ts'
import { activeWorkers } from '../../../../src/store/admin/workers-alive.ts'
import { PostgresDatabase } from '../../../../src/store/postgres/database.ts'
import { isAlive, openReader } from '../../../../src/store/reader.ts'
import { reportWorkers } from '../../../../src/store/reports/worker-rows.ts'
import { rowsAt } from '../../../support/postgres.ts'
import { startServer } from '../../../support/postgres-server.ts'

it('a replica, which does not know who holds what, goes by leases and calls nobody dead', {
  timeout: 120_000,
}, async () => {
  await using server = await startServer()
  const database = await PostgresDatabase.open(server.url)
  await migrate(database)
  await database.close()
  await rowsAt(
    server.url,
    `insert into workers (id, host, pid, started_at, lease_expires_at) values
      ('fresh', 'one', 1, '2026-10-01T00:00:00.000Z', '9999-01-01T00:00:00.000Z'),
      ('stale', 'one', 2, '2026-10-02T00:00:00.000Z', '2026-10-02T00:00:20.000Z')`,
  )
  const [where] = await rowsAt(server.url, `select current_setting('data_directory') as data`)
  await server.stop()
  // With this file it comes up as a replica that waits for its primary.
  writeFileSync(join(String(where?.data), 'standby.signal'), '')
  await server.start()
  await using reader = await openReader(server.url)
  // For a while after its start every name counts as held on a primary.
  expect(await reader.isHeld('fresh')).toBeNull()
  expect((await reportWorkers(reader)).map(({ id, state }) => [id, state])).toEqual([
    ['fresh', 'lives'],
    ['stale', 'unknown'],
  ])
  const { alive, dead } = await activeWorkers(reader)
  expect([alive.map(({ id }) => id), dead]).toEqual([['fresh'], []])
  expect(await isAlive(reader, { worker: 'fresh', finished_at: null })).toBe(true)
  expect(await isAlive(reader, { worker: 'stale', finished_at: null })).toBe(false)
  expect(await isAlive(reader, { worker: 'unheard of', finished_at: null })).toBe(false)
})
