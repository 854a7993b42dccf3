import { writeFileSync } from 'node:fs'
import { YOUTUBE_PLAYLISTS } from '../../src/networks/youtube/sandbox.ts'
import { socsync, tempFolder } from './cli.ts'
import { startSandbox } from './sandbox.ts'
import { openWrite } from './tables.ts'

const DAY = 86_400_000

const BUSY = [
  'instagram:two.pages.of.50',
  'instagram:albums.only',
  'tiktok:shelf.keeper',
  'tiktok:pier.way47',
  'youtube:UCtggNqnHV2t1SqIx2UqiMdg',
  'youtube:UC4PxMN_1ESeaVOhEKlToRCg',
  'youtube:@ตลาดเช้า',
]

/** Some posts of which lists name. */
const ALONE = 'UC4PxMN_1ESeaVOhEKlToRCg'

/**
 * What no night of the sandbox leaves, behind socsync's back: reasons and times that are rare, ends of chains, equals in
 * lists that are ordered, and numbers that lie on a border.
 */
const RARE = `
  update posts set missing_since = '2026-10-04T00:00:00.000Z' where rowid % 11 = 0;
  update posts set absent_walks = 1 where rowid % 7 = 0;
  update comments set absent_walks = 1 where rowid % 6 = 0;
  update posts set comments_reason = 'limited' where rowid % 13 = 0;
  update posts set comments_count = null where rowid % 17 = 0;
  update posts set comments_declared = null where rowid % 19 = 0;
  update posts set comments_count = comments_count + 3 where rowid % 5 = 0;
  update posts set created_at = '2026-09-05T12:00:00.000Z' where rowid % 23 = 0;
  update posts set kind = 'story' where rowid % 29 = 0;
  update comments set missing_since = '2026-10-04T00:00:00.000Z' where rowid % 31 = 0;
  update comments set replies_declared = null where rowid % 3 = 0;
  update profiles set posts_count = posts_count + 7;
  update profiles set followers_count = 0 where rowid % 5 = 0;
  update entities set posts_unlisted = 2 where rowid % 2 = 0;
  insert into revisions (network, subject, subject_id, seen_at, field, text)
    select network, 'post', id, '2026-10-02T00:00:00.000Z', 'missing_since', '2026-10-01T20:00:00.000Z' from posts where rowid % 37 = 0;
  insert into revisions (network, subject, subject_id, seen_at, field, text)
    select network, 'comment', id, '2026-10-0' || n || 'T00:00:00.000Z', 'content', 'text ' || n
    from comments join (select 2 as n union all select 3 union all select 4) where comments.rowid % 41 = 0;
  insert into metrics (network, subject, subject_id, name, observed_at, value)
    select network, 'post', id, 'followers_gained', '2026-10-0' || n || 'T00:00:00.000Z', case when rowid % 3 = n % 3 then null else rowid * n % 7 end
    from posts join (select 1 as n union all select 2 union all select 4) where posts.rowid % 9 = 0;
  update sync_tasks set failing_since = '2026-10-02T00:00:00.000Z', failed_runs = 2, not_before = '2026-10-09T00:00:00.000Z',
    error_type = 'unreadable', last_error = 'it says nothing' where rowid % 10 = 0;
  update sync_tasks set status = 'partial', not_before = null where rowid % 14 = 0;
  update sync_tasks set reason = 'capped' where rowid % 15 = 0;
  update sync_tasks set part = 'days ' || rowid where rowid % 40 = 0;
  update sync_tasks set expected = null where rowid % 4 = 0;
  update sync_tasks set reasons = '{"inline":2,"private":1,"not-shared":3,"capped":2}' where reasons is not null and rowid % 2 = 0;
  update sync_jobs set status = 'failed', error_type = 'transient', error_message = 'words ' || rowid % 3 where rowid % 6 = 0;
  update sync_jobs set status = 'skipped', reason = 'locked' where rowid % 8 = 0;
  update sync_jobs set status = 'partial', error_type = 'interrupted' where rowid % 9 = 0;
  update sync_jobs set params = json_set(params, '$.limitComments', 5, '$.replies', 'none') where rowid % 5 = 0;
  update entities set lock_job_id = 1, locked_at = '2026-10-02T00:00:00.000Z' where rowid % 3 = 0;
  insert into rejects (walk_id, seq, path, reason, value, job_id, seen_at)
    select id, seq + n, 'items[' || n || '].id', 'no text', '{}', job_id, '2026-10-03T00:00:00.000Z'
    from sync_walks join (select 1 as n union all select 2) where id % 6 = 0;
  update quota set exhausted_until = '2026-10-2' || rowid % 3 || 'T00:00:00.000Z', refused_as = 'quota-exhausted' where rowid % 2 = 0;
  insert into quota (network, owner, pool, window_start, used, allowance)
    select network, owner, pool, '2026-09-30T00:00:00.000Z', 3, 10 from quota where true on conflict do nothing;
  update sync_runs set finished_at = '2026-10-0' || id || 'T23:59:59.999Z', created_at = '2026-10-0' || id || 'T23:00:00.001Z' where id < 9;
  update run_costs set calls = calls + 20;
  insert into sync_tasks (job_id, kind, stream, external_id, status, attempts, pages, items, failing_since, failed_runs)
    select max(id), 'posts', 'days', '2023-10-0' || n, 'failed', 1, 0, 0, '2026-10-03T00:00:00.000Z', 1
    from sync_jobs join (select 3 as n union all select 1 union all select 2) where network = 'tiktok' and id < 111 group by entity_id, n;
  insert into run_orders (run_id, wish, state, idempotency_key, fingerprint, attempt)
    select id, case when id > 2 then '{"ids":["a"]}' end, case id when 1 then 'ended' when 2 then 'stopping' else 'queued' end, 'key ' || id, 'print', 1 from sync_runs where id < 5;
  insert into sync_jobs (network, entity_id, cursor, status, run_id, reading_id, scopes, params, bounds, trace_id, created_at, error_type)
    with recursive n (n) as (select 1 union all select n + 1 from n where n < 5200)
    select network, '@many ' || n, cursor, 'partial', run_id, null, scopes, params, bounds, trace_id, created_at, 'budget'
    from n cross join (select * from sync_jobs where id = 100) as job;
  insert into sync_tasks (job_id, kind, stream, external_id, status, attempts, pages, items, reason, failing_since, not_before)
    with recursive n (n) as (select 1 union all select n + 1 from n where n < 5200)
    select 100, 'comments', 'threads', 'V' || n, 'skipped', 1, 1, n % 3, case n % 4 when 0 then 'none' else 'unavailable' end,
      case when n % 50 = 0 then '2026-10-03T00:00:00.000Z' end, case when n % 100 = 0 then '2026-10-09T00:00:00.000Z' end from n;
  insert into schedules (name, request, cron, time_zone, created_at, last_tick_at, passed_over_at) values
    ('weekly', '{"ids":["a"]}', '0 3 * * mon', 'UTC', '2026-10-01T00:00:00.000Z', null, null),
    ('Nightly', '{"ids":[]}', '0 3 * * *', 'Europe/Zurich', '2026-10-01T00:00:00.000Z', '2026-10-03T01:00:00.000Z', '2026-10-02T01:00:00.000Z'),
    ('nightly', '{"ids":["a","b"]}', '0 3 * * *', 'Europe/Zurich', '2026-10-01T00:00:00.000Z', '2026-10-03T01:00:00.000Z', null);
  update sync_runs set schedule = case when id % 2 = 0 then 'nightly' else 'gone' end where id < 6;
  insert into transform_orders (transform) values ('second'), ('first'), ('Third');
  update transforms set status = 'failed', error_type = 'failed', error_message = 'words ' || id where id % 3 = 0;
  update transforms set status = 'pending', external_job_id = null, next_poll_at = '2026-10-20T00:00:00.000Z' where id % 5 = 0;
`

/** Makes a file of several nights of three networks, with whatever a report can tell of them. Takes half a minute. */
export const fillFile = async (db: string): Promise<void> => {
  using folder = tempFolder()
  await using sandbox = await startSandbox({ moving: true })
  const call = async (args: readonly string[], codes: readonly number[] = [0, 3, 75]): Promise<void> => {
    const ended = await socsync([...args, '--quiet', '--db', db], { env: sandbox.env })
    if (!codes.includes(Number(ended.code))) throw new Error(`${args.join(' ')}: ${JSON.stringify(ended)}`)
  }
  const night = (...args: readonly string[]): Promise<void> => call(['run', '--scope', 'all', ...args])
  const many = ['instagram', 'youtube', 'tiktok'].flatMap(network =>
    sandbox.entities(network, 25).map(id => `${network}:${id}`),
  )
  await call(['run', '--scope', 'profile', ...many])
  await night('--since', '2026-06-01', '--budget', '40', ...BUSY)
  await night('--since', '2026-06-01', ...BUSY)
  sandbox.advance(DAY)
  sandbox.setSwitch('error', { value: 'processingFailure', match: '/commentThreads?', after: 2, times: 40 })
  await night('--limit-comments', '20', ...BUSY.slice(2))
  sandbox.switches.clear()
  sandbox.advance(DAY)
  await call(['run', '--scope', 'posts', '--budget', '30', ...BUSY])
  await call(['resume', '--all'])
  sandbox.advance(DAY)
  await night('--full-every', '1d', ...BUSY)
  const config = folder.file('config.json')
  const transforms = { captions: { url: sandbox.transformUrl('captions'), elements: ['posts.caption'] } }
  writeFileSync(config, JSON.stringify({ transforms }))
  sandbox.setSwitch('fail', { network: 'transforms', value: 'the model is tired', times: 2 })
  await call(['transform', 'run', '--config', config])
  const posts = sandbox.truth('youtube', ALONE).flatMap(row => (row.type === 'post' ? [row.id] : []))
  await night(...[...posts.slice(0, 9), 'AAAAAAAAAAA'].map(id => `youtube:post:${id}`))
  await night(...Object.values(YOUTUBE_PLAYLISTS).map(id => `youtube:playlist:${id}`))
  await night('--lists', 'playlists', ...BUSY.slice(4))
  await night(`instagram:${sandbox.env.SOCSYNC_INSTAGRAM_USER_ID}`, 'tiktok:tag:bread')
  const writing = openWrite(db)
  writing.exec(RARE)
  writing.close()
}
