import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { viewRun } from '../../src/app/reports/queries.ts'
import { migrate } from '../../src/store/admin/migrate.ts'
import { openReader } from '../../src/store/reader.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { type Json, startServer, type TestServer } from '../support/server.ts'
import { openWrite, query } from '../support/tables.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const folder = tempFolder()
const db = folder.file('server.db')
let server: TestServer

const JOBS = 80_000
/** Tasks of one job, more than are summed up at once. */
const BUSY = 12_000
const AT = `'2026-01-01T00:00:00.000Z'`

const NEWEST = `(network, entity_id, id) in (select network, entity_id, max(id) from sync_jobs group by 1, 2)`

const numbers = (count: number): string =>
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`

/** Two runs whose jobs were made by turns, as two processes make them; what a job's tasks came to follows from its number. */
beforeAll(async () => {
  const file = SqliteFile.open(db)
  await migrate(file)
  await file.close()
  const sql = openWrite(db)
  sql.exec(`
    insert into sync_runs (id, trigger, scopes, params, trace_id, created_at, finished_at) values
      (1, 'cli', '["all"]', '{}', 'a', ${AT}, ${AT}), (2, 'cli', '["all"]', '{}', 'b', ${AT}, ${AT});
    ${numbers(JOBS)} insert into sync_jobs
      (id, run_id, network, entity_id, cursor, status, error_type, error_message, not_before, reason, scopes, params, bounds, trace_id, created_at, finished_at)
      select i, 1 + i % 2, iif(i % 3, 'youtube', 'instagram'), 'profile' || i, '{}',
        case i % 11 when 0 then 'partial' when 1 then 'failed' when 2 then 'skipped' else 'succeeded' end,
        case i % 11 when 0 then 'quota_exhausted' when 1 then 'network_error' end, iif(i % 11 = 1, 'no answer', null),
        iif(i % 11 = 0, '2026-02-0' || (1 + i % 7) || 'T00:00:00.000Z', null), iif(i % 11 = 2, 'not-found', null),
        '["all"]', '{}', '', 'a', ${AT}, ${AT} from n;
    insert into sync_tasks (job_id, kind, stream, external_id, status, items, reason, reasons)
      select id, 'comments', '', entity_id, 'succeeded', id % 5, null, json_object('up-to-date', id % 7, 'comments-disabled', id % 3)
      from sync_jobs union all
      select id, 'likes', '', entity_id, 'skipped', 0, 'unsupported-by-network', '{"unsupported-by-network":2}' from sync_jobs union all
      select id, 'profile', 'profile', entity_id, 'skipped', 0, 'not-found', null from sync_jobs where status = 'skipped';
    ${numbers(BUSY)} insert into sync_tasks (job_id, kind, stream, external_id, status, pages, items, reason)
      select 5, 'comments', 'comments', 'post' || i, iif(i % 4, 'succeeded', 'skipped'), 1, i % 6, iif(i % 4, null, 'comments-disabled') from n;
    insert into sync_jobs (id, run_id, network, entity_id, cursor, status, previous_job_id, scopes, params, bounds, trace_id, created_at)
      select ${JOBS} + id, 2, 'tiktok', entity_id, '{}', 'pending', id, '["all"]', '{}', '', 'a', ${AT} from sync_jobs where id % 110 = 11;
  `)
  sql.close()
  server = await startServer({ folder })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** What a run came to, counted row by row. */
const countedOf = (run: number) => {
  const rows = query(
    db,
    `select network, kind, stream, external_id, items, sync_tasks.reason, reasons from sync_tasks
      join sync_jobs on sync_jobs.id = job_id where run_id = ${run}`,
  )
  const items: Record<string, number> = {}
  const gaps: Record<string, number> = {}
  const add = (key: string, count: number): void => {
    gaps[key] = (gaps[key] ?? 0) + count
  }
  for (const row of rows) {
    const { network, kind, stream, reason, reasons } = row as Record<string, string | null>
    items[String(kind)] = (items[String(kind)] ?? 0) + Number(row.items)
    if (reasons == null && reason != null) add(`${network} ${stream} ${reason}`, 1)
    for (const [settled, count] of Object.entries<number>(JSON.parse(reasons ?? '{}')))
      if (settled !== 'up-to-date') add(`${network} ${kind} ${settled}`, count)
  }
  const [jobs] = query(
    db,
    `select sum(status in ('partial', 'failed', 'pending') and id not in (select previous_job_id from sync_jobs
      where previous_job_id is not null)) as resumable, min(not_before) as not_before from sync_jobs where run_id = ${run}`,
  )
  const byStatus = query(
    db,
    `select status, count(*) as n from sync_jobs where run_id = ${run} group by status order by status`,
  )
  return { ...jobs, items, gaps, jobs: Object.fromEntries(byStatus.map(({ status, n }) => [status, n])) }
}

const toldOf = ({ items, gaps, jobs, resumable, not_before }: Json) => ({
  items,
  jobs,
  resumable,
  not_before,
  gaps: Object.fromEntries(
    gaps.map(({ network, what, reason, count }: Json) => [`${network} ${what} ${reason}`, count]),
  ),
})

describe('a run of very many tasks', () => {
  it.each([1, 2])('run %i is told by `status` to the last one, in little memory', async run => {
    const heap = { NODE_OPTIONS: '--max-old-space-size=32' }
    const { code, stdout, stderr } = await socsync(['status', '--run', `${run}`, '--json', '--db', db], {
      env: heap,
    })
    expect(code, stderr.slice(-500)).toBe(0)
    const told = JSON.parse(stdout).run
    expect(toldOf(told)).toEqual(countedOf(run))
    for (const { examples } of told.gaps) expect(new Set(examples).size).toBe(3)
    expect(told.errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          network: 'youtube',
          error_type: 'quota_exhausted',
          message: null,
          not_before: '2026-02-01T00:00:00.000Z',
        }),
        expect.objectContaining({ error_type: 'network_error', message: 'no answer', not_before: null }),
      ]),
    )
  })

  it('is told the same by the server, alone and in the list', async () => {
    for (const run of [1, 2]) {
      const told = await server.get<Json>(`/v1/runs/${run}`)
      expect(toldOf(told)).toEqual(countedOf(run))
      const listed = (await server.get<Json>('/v1/runs')).items.find(({ id }: Json) => id === told.id)
      expect(listed).toMatchObject({ jobs: told.jobs, networks: told.networks, not_before: told.not_before })
    }
    const metrics = await (await server.ask('/metrics')).text()
    for (const { network, status, n } of query(
      db,
      'select network, status, count(*) as n from sync_jobs group by 1, 2',
    ))
      expect(metrics).toContain(`socsync_jobs{network="${network}",status="${status}"} ${n}\n`)
  })

  it.each([
    ['run=1', 'run_id = 1'],
    ['run=2&status=partial,pending', `run_id = 2 and status in ('partial', 'pending')`],
    ['run=1&network=instagram&status=skipped', `run_id = 1 and network = 'instagram' and status = 'skipped'`],
    ['status=failed,partial', `status in ('partial', 'failed') and ${NEWEST}`],
    ['network=instagram', `network = 'instagram' and ${NEWEST}`],
    ['', NEWEST],
  ])('its jobs are listed newest first, page by page: ?%s', async (asked, where) => {
    const wanted = query(db, `select id from sync_jobs where ${where} order by id desc limit 500`)
    const ids: string[] = []
    for (let cursor = ''; ids.length < 500; ) {
      const { items, next } = await server.get<Json>(`/v1/jobs?limit=125&${asked}${cursor}`)
      ids.push(...items.map(({ id }: Json) => id))
      if (next === null) break
      cursor = `&cursor=${next}`
    }
    expect(ids).toEqual(wanted.map(({ id }) => String(id)))
  })

  it('lets others have their turns while it is counted', async () => {
    await using reader = await openReader(db)
    let turns = 0
    let over = false
    const count = (): void => {
      turns += 1
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    await viewRun(reader, 1, Date.now())
    over = true
    expect(turns).toBeGreaterThan(5)
  })
})
