// @module-tag long
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { migrate } from '../../src/store/admin/migrate.ts'
import { PostgresDatabase } from '../../src/store/postgres/database.ts'
import { socsync } from '../support/cli.ts'
import { openTestDatabase } from '../support/postgres.ts'
import { startSandbox } from '../support/sandbox.ts'

const text = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8')
/** The SQL of a section, block by block. */
const sqlOf = (section: string): readonly string[] => {
  const [, ...after] = text.split(`\n## ${section}\n`)
  const [part = ''] = after.join('').split('\n## ')
  return [...part.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql = '']) => sql)
}

/** Which of the questions have an answer on a database with one run that has ended, by what they ask. */
const ANSWERS: readonly (readonly [RegExp, number])[] = [
  [/as due/, 1],
  [/as pages/, 1],
  [/from workers/, 1],
  [/pg_blocking_pids/, 0],
  [/as open_for/, 1],
  [/n_dead_tup/, 5],
  [/pg_indexes_size/, 10],
  [/as connections/, 1],
  [/from quota/, 1],
]

test('the tables in parts take a run, and what to watch tells of it', { timeout: 180_000 }, async () => {
  await using sandbox = await startSandbox()
  await using there = await openTestDatabase('empty')
  const database = await PostgresDatabase.open(there.url)
  await migrate(database)
  await database.close()
  const parts = sqlOf('A billion comments')
  expect(parts).toHaveLength(1)
  for (const sql of [...sqlOf('What is measured'), ...parts]) await there.rows(sql)

  const run = [
    'run',
    '--network',
    'youtube',
    '--scope',
    'all',
    '--limit-posts',
    '6',
    '--quiet',
    '--db',
    there.url,
  ]
  const ids = sandbox.entities('youtube', 3)
  for (const _ of ['new', 'again']) {
    const ended = await socsync([...run, '--fresh', ...ids], { env: sandbox.env })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
  }
  const [counts] = await there.rows('select count(*) as n, count(distinct id) as ids from comments')
  expect(Number(counts?.n)).toBeGreaterThan(10)
  expect(counts?.ids).toBe(counts?.n)
  const spread =
    'select (select count(*) from comments_youtube_0) + (select count(*) from comments_youtube_1) as n'
  expect(await there.rows(spread)).toEqual([{ n: counts?.n }])
  expect(await there.rows('select count(*) as n from metrics_whole').catch(() => 'gone')).toBe('gone')

  // As if the run went on, its worker were there and its quota used up.
  await there.rows(`
    update sync_runs set finished_at = null where id = 1;
    update sync_walks set state = 'ready' where id = 1;
    insert into workers (id, host, pid, started_at, lease_expires_at, purpose)
      values ('w', 'here', 1, '2026-01-01T00:00:00.000Z', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'worker');
    update raw_pages set fetched_at = to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
    update quota set exhausted_until = '2999-01-01T00:00:00.000Z'`)
  const questions = sqlOf('What to watch')
  expect(questions).toHaveLength(ANSWERS.length)
  for (const [asks, least] of ANSWERS) {
    const [question, another] = questions.filter(sql => asks.test(sql))
    expect([question === undefined, another], asks.source).toEqual([false, undefined])
    expect((await there.rows(question ?? '')).length, asks.source).toBeGreaterThanOrEqual(least)
  }
  const [due] = await there.rows(questions.find(sql => /as due/.test(sql)) ?? '')
  expect(due).toMatchObject({ run_id: 1, network: 'youtube', due: 1, deferred: 0, running: 0 })
  const [pages] = await there.rows(questions.find(sql => /as pages/.test(sql)) ?? '')
  expect(Number(pages?.pages)).toBeGreaterThan(0)
  const [worker] = await there.rows(questions.find(sql => /from workers/.test(sql)) ?? '')
  expect(Number(worker?.renewed_ago)).toBeGreaterThanOrEqual(19)
})
