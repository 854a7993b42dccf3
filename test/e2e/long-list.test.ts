// @module-tag long
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { migrate } from '../../src/store/admin/migrate.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { START, startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { startServer } from '../support/server.ts'
import { openWrite, query } from '../support/tables.ts'

/** More than SQLite takes parameters for one statement. */
const JOBS = 40_000
const DONE = 30_000
/** Channels of nobody's. */
const ID = `'UC' || printf('%021d', i) || 'A'`

const folder = tempFolder()
const db = folder.file('server.db')
let sandbox: TestSandbox
const call = (...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db], { env: sandbox.env })

/** A run over as many profiles: of three quarters profile and a post are stored, the others were put aside. */
const makeLongRun = async (path: string): Promise<void> => {
  const store = SqliteFile.open(path)
  await migrate(store)
  await store.close()
  const at = new Date(START - 3_600_000).toISOString()
  const params = JSON.stringify({
    kinds: ['profile', 'posts'],
    since: null,
    until: null,
    sinceId: null,
    untilId: null,
  })
  const numbers = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${JOBS})`
  const file = openWrite(path)
  file.exec(`begin;
    insert into sync_runs (id, trigger, scopes, params, trace_id, created_at, finished_at)
      values (1, 'cli', '["posts"]', '${params}', 't', '${at}', '${at}');
    ${numbers} insert into sync_jobs (id, network, entity_id, cursor, status, error_type, run_id, scopes, params, bounds,
        open_tasks, stored, trace_id, created_at, started_at, finished_at)
      select i, 'youtube', ${ID}, '{}', iif(i <= ${DONE}, 'succeeded', 'partial'), iif(i <= ${DONE}, null, 'interrupted'),
        1, '["posts"]', '${params}', '', iif(i <= ${DONE}, 0, 1), i <= ${DONE}, 't', '${at}', '${at}', '${at}' from n;
    ${numbers} insert into sync_tasks (job_id, kind, stream, external_id, status, items)
      select i, 'profile', 'channels', ${ID}, iif(i <= ${DONE}, 'succeeded', 'pending'), i <= ${DONE} from n;
    ${numbers} insert into entities (network, entity_id, profile_id, watermarks, first_seen_at)
      select 'youtube', ${ID}, iif(i <= ${DONE}, ${ID}, null), '{}', '${at}' from n;
    ${numbers} insert into profiles (network, id, username, first_seen_at, fetched_at, job_id, walk_id)
      select 'youtube', ${ID}, 'name' || i, '${at}', '${at}', i, 1 from n where i <= ${DONE};
    ${numbers} insert into posts (network, id, profile_id, like_count, first_seen_at, fetched_at, job_id, walk_id)
      select 'youtube', 'post' || i, ${ID}, i, '${at}', '${at}', i, 1 from n where i <= ${DONE};
    commit;`)
  file.close()
}

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  await makeLongRun(db)
}, 120_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe(`A run of ${JOBS} profiles`, () => {
  it.each([
    { what: 'profiles', rows: DONE },
    { what: 'posts', rows: DONE },
    { what: 'media', rows: 0 },
    { what: 'comments', rows: 0 },
    { what: 'likes', rows: 0 },
    { what: 'metrics', rows: 0 },
    { what: 'engagement', rows: DONE },
    { what: 'flat', rows: DONE },
    { what: 'transforms', rows: 0 },
    { what: 'jobs', rows: JOBS },
    { what: 'tasks', rows: JOBS },
  ])('is exported: $rows $what', async ({ what, rows }) => {
    const ended = await call('export', what, '--run', '1', '--format', 'jsonl')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout.split('\n').length - 1).toBe(rows)
  })

  it('is shown, listed, compared and checked', async () => {
    const status = await call('status', '--run', '1', '--json')
    expect(JSON.parse(status.stdout).run).toMatchObject({ jobs: { succeeded: DONE, partial: JOBS - DONE } })
    for (const command of [
      ['jobs'],
      ['diff', '--run', '1'],
      ['diff', '--since', '2026-01-01'],
      ['db', 'check'],
    ]) {
      expect(await call(...command)).toMatchObject({ code: 0, stderr: '' })
    }
  })

  it('is shown and gone on with over HTTP', { timeout: 180_000, tags: ['long'] }, async () => {
    await using server = await startServer({ env: sandbox.env, folder })
    const run = await server.get('/v1/runs/1')
    expect(run.jobs).toMatchObject({ succeeded: DONE, partial: JOBS - DONE })
    expect((await server.get('/v1/jobs?run=1&limit=5')).items).toHaveLength(5)
    expect((await server.get('/v1/runs')).items).toHaveLength(1)
    for (const kind of ['profiles', 'posts']) {
      expect((await server.get(`/v1/jobs/${DONE}/results/${kind}`)).items).toHaveLength(1)
    }
    const { status, body } = await server.post('/v1/runs/1/resume')
    expect(status).toBe(202)
    const { jobs } = await server.ended(body.id)
    // Nobody's channels: not one is there.
    expect(jobs).toMatchObject({ skipped: JOBS - DONE })
    expect(query(db, 'select count(*) as n from sync_jobs where previous_job_id is not null')).toEqual([
      { n: JOBS - DONE },
    ])
  })

  it('is gone on with by number of its jobs, or as a whole', {
    timeout: 180_000,
    tags: ['long'],
  }, async () => {
    const again = folder.file('again.db')
    await makeLongRun(again)
    const resume = (...which: readonly string[]) =>
      socsync(['resume', ...which, '--quiet', '--db', again], { env: sandbox.env })
    expect(await resume('--run', '1', '--budget', '40')).toMatchObject({ code: 3, stderr: '' })
    const left = query(again, `select id from sync_jobs where run_id = 2 and status = 'partial' limit 3000`)
    expect(left).toHaveLength(3000)
    // Nobody's channels: a person is told that nothing of the list is there.
    expect(await resume(...left.map(({ id }) => String(id)))).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('3,000 profiles of the list are not to be had'),
    })
    rmSync(again)
  })
})
