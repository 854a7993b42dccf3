/**
 * `node test/bench/upkeep.ts`: how long `status` and `diff` take on a file of 20,000 posts with a million comments and
 * 60 nights of counters. The file is made once and kept where a path is given.
 */
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { migrate } from '../../src/store/admin/migrate.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { socsync, tempFolder } from '../support/cli.ts'

const POSTS = 20_000
const COMMENTS_OF_POST = 50
const NIGHTS = 60
const DAY = 86_400_000
const FIRST = Date.UTC(2026, 0, 1)

const COMMANDS: readonly (readonly string[])[] = [
  ['status', '--run', '2'],
  ['status', '1'],
  ['diff', '--run', '2'],
  ['diff', '--since', '2026-02-25'],
  ['diff', '--since', '2026-02-25', '--entity', 'profile7'],
  ['diff', '--run', '2', '--format', 'csv'],
  ['export', 'posts', '--format', 'jsonl'],
]

using folder = tempFolder()
const db = process.argv[2] ?? folder.file('large.db')
if (!existsSync(db)) await make(db)
if (!process.argv[3])
  for (const command of COMMANDS) {
    const began = performance.now()
    const { code, stdout, stderr } = await socsync([...command, '--db', db])
    const took = performance.now() - began
    if (code !== 0) throw new Error(`socsync ${command.join(' ')} ended with ${code}: ${stderr}`)
    process.stdout.write(
      `${took.toFixed(0).padStart(6)} ms  ${stdout.length} bytes  socsync ${command.join(' ')}\n`,
    )
  }

/** 200 profiles on one network; the last night brought new posts and comments, edits, and moved a third of the counters. */
async function make(path: string): Promise<void> {
  const file = SqliteFile.open(path)
  await migrate(file)
  await file.close()
  const sql = new Database(path)
  const at = (night: string): string =>
    `strftime('%Y-%m-%dT%H:%M:%fZ', ${FIRST / 1000} + (${night}) * ${DAY / 1000}, 'unixepoch')`
  const last = NIGHTS - 1
  const numbers = (count: number): string =>
    `with recursive n(i) as (select 0 union all select i + 1 from n where i < ${count} - 1)`
  sql.exec(`
    insert into sync_runs (id, trigger, scopes, params, trace_id, created_at, finished_at) values
      (1, 'cli', '["comments"]', '{}', 'a', ${at('0')}, ${at('0.1')}),
      (2, 'cli', '["comments"]', '{}', 'b', ${at(`${last}`)}, ${at(`${last} + 0.1`)});
    ${numbers(200)} insert into sync_jobs (network, entity_id, cursor, status, run_id, scopes, params, bounds, trace_id, created_at, finished_at)
      select 'youtube', 'profile' || i, '{}', 'succeeded', run.id, '["comments"]', '{}', '', 'a', run.created_at, run.finished_at from sync_runs as run, n;
    ${numbers(200)} insert into entities (network, entity_id, profile_id, watermarks, first_seen_at)
      select 'youtube', 'profile' || i, 'p' || i, '{}', ${at('0')} from n;
    ${numbers(200)} insert into profiles (network, id, username, name, followers_count, posts_count, first_seen_at, fetched_at, job_id, walk_id)
      select 'youtube', 'p' || i, 'profile' || i, 'Profile ' || i, 1000 + i, 100, ${at('0')}, ${at(`${last}`)}, 201 + i, 1 from n;
    ${numbers(POSTS)} insert into posts (network, id, profile_id, kind, title, caption, permalink, created_at, like_count, comments_count, view_count,
        comments_synced_at, comments_declared, comments_reason, extra, first_seen_at, fetched_at, job_id, walk_id)
      select 'youtube', 'post' || i, 'p' || (i % 200), 'video', 'Title ' || i, printf('%.*c', 400, 'c'), 'https://example.org/' || i, ${at('-i % 900')},
        i, ${COMMENTS_OF_POST} + i % 3, i * 10, ${at(`${last}`)}, ${COMMENTS_OF_POST} + i % 3, iif(i % 10 = 0, 'capped', null), printf('{"x":"%.*c"}', 300, 'x'),
        ${at(`iif(i % 50 = 0, ${last}, 0)`)}, ${at(`iif(i % 40 = 1, 10, ${last})`)}, 201 + i % 200, 1 from n;
    ${numbers(POSTS * COMMENTS_OF_POST)} insert into comments (network, id, post_id, author_id, author_name, content, like_count, reply_count, created_at,
        missing_since, first_seen_at, fetched_at, job_id, walk_id)
      select 'youtube', 'comment' || i, 'post' || (i / ${COMMENTS_OF_POST}), 'author' || i, 'Somebody ' || i, printf('%.*c', 80, 'c'), 0, 0, ${at('0')},
        iif(i % 2000 = 1, ${at(`${last}`)}, null), ${at(`iif(i % ${COMMENTS_OF_POST} = 0, ${last}, 0)`)}, ${at(`${last}`)}, 201, 1 from n;
    ${numbers(NIGHTS)} insert into metrics (network, subject, subject_id, name, observed_at, value)
      select 'youtube', 'post', posts.id, name.value, ${at('i')}, i * like_count
      from posts, n, json_each('["like_count","comments_count","view_count"]') as name where i < ${last} or like_count % 3 = 0;
    ${numbers(NIGHTS)} insert into metrics (network, subject, subject_id, name, observed_at, value)
      select 'youtube', 'profile', profiles.id, 'followers_count', ${at('i')}, i * followers_count from profiles, n;
    ${numbers(5000)} insert into revisions (network, subject, subject_id, seen_at, field, text)
      select 'youtube', 'post', 'post' || i, ${at(`iif(i % 10 = 0, ${last}, 5)`)}, 'caption', 'earlier ' || i from n;
  `)
  sql.close()
}
