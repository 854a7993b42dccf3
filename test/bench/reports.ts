/**
 * `node test/bench/reports.ts`: how long reports take on a file with two runs of a million tasks each, one of 250,000
 * quiet profiles and one of 1,000 busy ones: by `socsync status`, and by a server, where for each request is also said
 * how long others waited meanwhile, and what memory the process had at its highest. The file is made once and kept where
 * a path is given.
 */
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { migrate } from '../../src/store/admin/migrate.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startServer, type TestServer } from '../support/server.ts'

const QUIET = 250_000
const BUSY = 1_000
const POSTS_OF_BUSY = 1_000
/** A job whose profile has very many posts, most comments of which are here. */
const GIANT = QUIET + 1
const POSTS_OF_GIANT = 20_000
const COMMENTS_OF_POST = 20

using folder = tempFolder()
const db = process.argv[2] ?? folder.file('server.db')
if (!existsSync(db)) await make(db)

for (const command of [
  ['status', '--run', '1'],
  ['status', '--run', '2'],
]) {
  const began = performance.now()
  const { code, stdout, stderr } = await socsync([...command, '--db', db])
  if (code !== 0) throw new Error(`socsync ${command.join(' ')} ended with ${code}: ${stderr}`)
  tell(performance.now() - began, `socsync ${command.join(' ')} (${stdout.length} bytes)`)
}

await using server = await startServer({ args: ['--db', db], env: { SOCSYNC_YOUTUBE_API_KEY: 'none' } })
tellMemory('a server that was asked nothing')
for (const path of [
  '/v1/runs/1',
  '/v1/runs/1',
  '/v1/runs/2',
  '/v1/runs/2',
  '/v1/runs?limit=50',
  '/v1/jobs?limit=50',
  '/v1/jobs?run=1',
  '/v1/jobs?status=partial,failed',
  `/v1/jobs/${GIANT}`,
  '/metrics',
]) {
  const { took, waited } = await ask(server, path)
  tell(took, `GET ${path}, others waited ${waited.toFixed(0)} ms at most`)
}
tellMemory('the server after these')

function tell(ms: number, what: string): void {
  process.stdout.write(`${ms.toFixed(0).padStart(6)} ms  ${what}\n`)
}

function tellMemory(when: string): void {
  const [, kb] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.running.pid}/status`, 'utf8')) ?? []
  process.stdout.write(`${(Number(kb) / 1024).toFixed(0).padStart(6)} MB  ${when}\n`)
}

/** A request, and the longest that a cheap one waited while it was answered. */
async function ask(own: TestServer, path: string): Promise<{ took: number; waited: number }> {
  let waited = 0
  let over = false
  const watching = (async () => {
    while (!over) {
      const began = performance.now()
      await own.ask('/health')
      waited = Math.max(waited, performance.now() - began)
      await pause(5)
    }
  })()
  await pause(50)
  waited = 0
  const began = performance.now()
  await (await own.ask(path)).text()
  const took = performance.now() - began
  over = true
  await watching
  return { took, waited }
}

/** Each quiet profile has its profile, its list, and what of its posts needed no call; each busy one a task for each post. */
async function make(path: string): Promise<void> {
  const file = SqliteFile.open(path)
  await migrate(file)
  await file.close()
  const sql = new Database(path)
  const numbers = (count: number): string =>
    `with recursive n(i) as (select 0 union all select i + 1 from n where i < ${count} - 1)`
  const at = `'2026-01-01T00:00:00.000Z'`
  const job = `'{}', 'succeeded', '["comments"]', '{}', '', 'a', ${at}, ${at}`
  const tasks = 'insert into sync_tasks (job_id, kind, stream, external_id, status, items, reason, reasons)'
  sql.exec(`
    insert into sync_runs (id, trigger, scopes, params, trace_id, created_at, finished_at) values
      (1, 'cli', '["comments"]', '{}', 'a', ${at}, ${at}), (2, 'cli', '["comments"]', '{}', 'b', ${at}, ${at});
    ${numbers(QUIET + BUSY)} insert into sync_jobs (id, run_id, network, entity_id, cursor, status, scopes, params, bounds, trace_id, created_at, finished_at)
      select i + 1, iif(i < ${QUIET}, 1, 2), iif(i % 2, 'youtube', 'instagram'), 'profile' || i, ${job} from n;
    ${numbers(QUIET)} ${tasks}
      select i + 1, kind.value ->> 0, kind.value ->> 1, 'profile' || i, iif(kind.value ->> 0 = 'likes', 'skipped', 'succeeded'), 10,
        iif(kind.value ->> 0 = 'likes', 'unsupported-by-network', null),
        case kind.value ->> 0 when 'comments' then '{"up-to-date":' || (i % 90) || ',"comments-disabled":2}' when 'likes' then '{"unsupported-by-network":52}' end
      from n, json_each('[["profile","profile"],["posts","uploads"],["comments",""],["likes",""]]') as kind;
    ${numbers(BUSY * POSTS_OF_BUSY)} ${tasks}
      select ${QUIET} + 1 + i / ${POSTS_OF_BUSY}, 'comments', 'comments', 'post' || i, iif(i % 30, 'succeeded', 'skipped'), i % 40,
        iif(i % 30, null, 'comments-disabled'), null from n;
    ${numbers(QUIET + BUSY)} insert into entities (network, entity_id, profile_id, watermarks, first_seen_at)
      select iif(i % 2, 'youtube', 'instagram'), 'profile' || i, 'p' || i, '{}', ${at} from n;
    ${numbers(POSTS_OF_GIANT)} insert into posts (network, id, profile_id, kind, caption, comments_count, comments_synced_at, comments_declared,
        first_seen_at, fetched_at, job_id, walk_id)
      select 'instagram', 'post' || i, 'p${QUIET}', 'photo', printf('%.*c', 400, 'c'), ${COMMENTS_OF_POST} + i % 2, ${at}, ${COMMENTS_OF_POST} + i % 2,
        ${at}, ${at}, ${GIANT}, 1 from n;
    ${numbers(POSTS_OF_GIANT * COMMENTS_OF_POST)} insert into comments (network, id, post_id, content, first_seen_at, fetched_at, job_id, walk_id)
      select 'instagram', 'comment' || i, 'post' || (i / ${COMMENTS_OF_POST}), printf('%.*c', 80, 'c'), ${at}, ${at}, ${GIANT}, 1 from n;
  `)
  sql.close()
}
