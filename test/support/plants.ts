import { openWrite } from './tables.ts'

/** What to do to a whole file behind socsync's back, and what must then be found: rule and how often. */
export interface Plant {
  readonly sql: string
  readonly finds: Readonly<Record<string, number>>
  /** What an example must say. */
  readonly says: RegExp
}

const JOB = `(select min(id) from sync_jobs where status = 'succeeded')`
const TASK = `(select min(id) from sync_tasks where status = 'succeeded' and walk_id is not null)`
const WALK = `(select min(walk_id) from sync_tasks where status = 'succeeded')`
const POST = `(select min(post_id) from comments)`

/** A row of `transforms` that has ended. */
const plantTransform = (element: string, status: string): string => `
  insert into transforms (network, element_kind, element_id, transform, version, status, attempts, polls, lost, misses,
    idempotency_key, input_hash, input_fetched_at, seq, queued_at, finished_at)
  select 'instagram', ${element}, 'mood', '1', ${status}, 1, 1, 0, 0, 'k', 'h', at, 0, at, at
  from (select '2026-01-01T00:00:00.000Z' as at)`

/** Plants for a file of one Instagram run with the profile `albums.only`. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  'a job that says more than its tasks': {
    sql: `update sync_jobs set status = 'partial' where id = ${JOB}`,
    finds: { 'job-status': 1 },
    says: /^job 1: partial, should be succeeded$/,
  },
  'a failed task under a succeeded job': {
    sql: `update sync_tasks set status = 'failed' where id = ${TASK}`,
    finds: { 'job-status': 1 },
    says: /succeeded, should be partial/,
  },
  'a running job with nothing left to do': {
    sql: `insert into workers (id, host, pid, started_at, lease_expires_at) values ('w', 'here', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z');
      update sync_runs set worker = 'w';
      update sync_jobs set status = 'running', finished_at = null where id = ${JOB}`,
    finds: { 'job-status': 1 },
    says: /running, should be at an end/,
  },
  'a word that is no status': {
    sql: `update sync_tasks set status = 'done' where id = ${TASK}`,
    finds: { 'status-word': 1 },
    says: /^task \d+: done$/,
  },
  'a job that ended without an end': {
    sql: `update sync_jobs set finished_at = null where id = ${JOB}`,
    finds: { 'job-end': 1 },
    says: /succeeded, no end/,
  },
  'a job that continues a later one': {
    sql: `update sync_jobs set previous_job_id = (select max(id) from sync_jobs) where id = ${JOB}`,
    finds: { 'job-previous': 1 },
    says: /^job 1 continues job \d+$/,
  },
  'a job that continues none that is there': {
    sql: `update sync_jobs set previous_job_id = 999 where id = ${JOB}`,
    finds: { 'job-previous': 1, 'foreign-key': 1 },
    says: /continues job 999|sync_jobs: no sync_jobs/,
  },
  'a wrong count of open tasks': {
    sql: `update sync_jobs set open_tasks = 2`,
    finds: { 'open-tasks': 4 },
    says: /^job \d+: 2, but 0 are open$/,
  },
  'an open task whose walk is done': {
    sql: `update sync_tasks set status = 'pending' where id = ${TASK};
      update sync_jobs set status = 'partial', open_tasks = 1
        where id = (select job_id from sync_tasks where status = 'pending')`,
    finds: { 'task-walk': 1 },
    says: /^task \d+ of job \d+: walk \d+ is done$/,
  },
  'an open walk that serves nobody': {
    sql: `update sync_walks set state = 'ready' where id = ${WALK}`,
    finds: { 'walk-task': 1 },
    says: /^walk \d+ of job \d+: ready$/,
  },
  'an element of a transform that is done without a result': {
    sql: plantTransform(`'post', (select min(id) from posts)`, `'done'`),
    finds: { 'transform-state': 1 },
    says: /^mood instagram post \d+: done$/,
  },
  'an element of a transform that nobody will ask about': {
    sql: plantTransform(`'post', (select min(id) from posts)`, `'processing'`),
    finds: { 'transform-state': 1 },
    says: /^mood instagram post \d+: processing$/,
  },
  'an element of a transform that nobody works on': {
    sql: `${plantTransform(`'post', (select min(id) from posts)`, `'failed'`)};
      update transforms set worker = 'w'`,
    finds: { 'transform-worker': 1 },
    says: /^mood instagram post \d+: by w$/,
  },
  'a transform of a comment that is not there': {
    sql: plantTransform(`'comment', 'none'`, `'failed'`),
    finds: { 'transform-element': 1 },
    says: /^mood instagram comment none$/,
  },
  'a finished walk that kept its cursor': {
    sql: `update sync_walks set cursor = '"QVFI"' where id = ${WALK}`,
    finds: { 'walk-cursor': 1 },
    says: /^walk \d+ of job \d+: "QVFI"$/,
  },
  'a walk of a line that began nowhere': {
    sql: `update sync_walks set root_id = 9999 where id = ${WALK}`,
    finds: { 'walk-root': 1 },
    says: /root 9999/,
  },
  'a finished walk with a worker that nobody knows': {
    sql: `update sync_walks set worker = 'ghost' where id = ${WALK}`,
    finds: { 'walk-worker': 1 },
    says: /done, by ghost/,
  },
  'an unfinished job of nobody': {
    sql: `update sync_walks set state = 'ready' where id = (select walk_id from sync_tasks where id = ${TASK});
      update sync_tasks set status = 'running' where id = ${TASK};
      update sync_jobs set status = 'running', finished_at = null, open_tasks = 1
        where id = (select job_id from sync_tasks where status = 'running')`,
    finds: { 'job-worker': 1 },
    says: /running/,
  },
  'a lock of a worker that nobody knows': {
    sql: `update entities set lock_job_id = ${JOB}, lock_worker = 'ghost', locked_at = '2026-01-01T00:00:00.000Z'
      where entity_id = 'albums.only'`,
    finds: { 'lock-worker': 1 },
    says: /^instagram albums.only: held for job 1 by ghost$/,
  },
  'a task of no job and no walk': {
    sql: `update sync_tasks set job_id = 999, walk_id = 999 where id = (select max(id) from sync_tasks)`,
    finds: { 'foreign-key': 2 },
    says: /^sync_tasks: no sync_(jobs|walks)/,
  },
  'media without their post': {
    sql: `update media set post_id = 'x' || post_id where rowid in (select rowid from media limit 4)`,
    finds: { 'media-post': 4 },
    says: /^instagram medium \d+ of post x\d+$/,
  },
  'comments without their post': {
    sql: `delete from media where post_id = ${POST}; delete from metrics where subject_id = ${POST};
      delete from posts where id = ${POST}`,
    finds: { 'comment-post': Number.NaN },
    says: /^instagram comment \d+ of post \d+$/,
  },
  'something absent since no moment': {
    sql: `update posts set absent_walks = 2 where id = ${POST}`,
    finds: { absence: 1 },
    says: /^instagram post \d+$/,
  },
  'a profile that is covered backwards': {
    sql: `update entities set watermarks = json_set(watermarks, '$.posts.from', '2999-01-01T00:00:00.000Z')
      where entity_id = 'albums.only'`,
    finds: { watermark: 1 },
    says: /^instagram albums.only: posts from 2999-01-01T00:00:00.000Z to 2026/,
  },
  'a like with an id of its own': {
    sql: `insert into likes values ('tiktok', 'x', '1', '2', null, '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z', 1, 1)`,
    finds: { 'like-id': 1 },
    says: /like x$/,
  },
  'a counter below zero': {
    sql: `update metrics set value = -1 where subject_id = ${POST} and name = 'like_count'`,
    finds: { 'metric-value': 1 },
    says: /^instagram post \d+: like_count -1 at 2026/,
  },
  'a counter of nobody': {
    sql: `insert into metrics values ('youtube', 'post', 'nobody', 'like_count', '2026-01-01T00:00:00.000Z', 3)`,
    finds: { 'history-subject': 1 },
    says: /^youtube post nobody: like_count$/,
  },
  'a body of no answer': {
    sql: `insert into raw_bodies values ('abc', x'00')`,
    finds: { 'raw-body': 1 },
    says: /^abc$/,
  },
  'JSON that is none': {
    sql: `update entities set watermarks = '{' where entity_id = 'albums.only'`,
    finds: { json: 1 },
    says: /^entities.watermarks: \{$/,
  },
  'an index that does not say what its table says': {
    sql: `pragma writable_schema = on;
      create table other (a); create index posts_wrong on posts (kind);
      update sqlite_schema set rootpage = (select rootpage from sqlite_schema where name = 'other')
        where name = 'posts_wrong'`,
    finds: { integrity: Number.NaN },
    says: /posts_wrong|malformed|Tree|row/,
  },
}

/** Does it, whatever SQLite thinks of it. */
export const plantIn = (path: string, sql: string): void => {
  const file = openWrite(path)
  file.unsafeMode(true)
  file.pragma('foreign_keys = off')
  file.exec(sql)
  file.close()
}
