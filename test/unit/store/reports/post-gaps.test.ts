import { describe, expect, it } from 'vitest'
import { reportPosts } from '../../../../src/store/reports/post-gaps.ts'
import { AT, ENTITY, NETWORK, openReport, PROFILE, type Report } from '../../../support/report-file.ts'
import { STORES } from '../../../support/stores.ts'
import type { Row } from '../../../support/tables.ts'

const OF = { network: NETWORK, entityId: ENTITY, profileId: PROFILE }

const gapsOf = async (file: Report) => {
  const ofProfile = await file.write(({ db }) => reportPosts(db, OF))
  // A run of this profile alone tells the same.
  expect(await file.write(({ db }) => reportPosts(db, { run: 1 }))).toEqual(ofProfile)
  return ofProfile.post_gaps.map(({ reason, posts }) => `${posts} ${reason}`)
}

interface Case {
  readonly tasks?: readonly Row[]
  readonly job?: string
  readonly unlisted?: number
  readonly gaps: readonly string[]
}

const LIST = { expected: 12 }
/** Of a profile that declares 12 posts, 3 of which are stored. */
const CASES: Readonly<Record<string, Case>> = {
  'FAULTS 133: read to its end, and no more was listed': {
    tasks: [LIST],
    unlisted: 9,
    gaps: ['9 unlisted'],
  },
  'FAULTS 108: two were never listed, and the number moved since': {
    tasks: [LIST],
    unlisted: 2,
    gaps: ['7 not-read', '2 unlisted'],
  },
  'not read to its end yet': { tasks: [{ ...LIST, status: 'partial' }], gaps: ['9 not-read'] },
  'the list keeps failing': {
    tasks: [{ ...LIST, status: 'failed', failing_since: AT, failed_runs: 2 }],
    unlisted: 9,
    gaps: ['9 unavailable'],
  },
  'FAULTS 114: nothing is listed where much is declared': {
    tasks: [{ ...LIST, status: 'failed', reason: 'unlisted', failing_since: AT, failed_runs: 1 }],
    gaps: ['9 unlisted'],
  },
  'days of a search fail': {
    tasks: [
      LIST,
      { external_id: '2023-10-08..2023-10-10', status: 'skipped', reason: 'unavailable', failing_since: AT },
    ],
    unlisted: 9,
    gaps: ['9 unavailable'],
  },
  'the rest of it fails while its head is read': {
    tasks: [LIST, { ...LIST, part: '7', status: 'failed', failing_since: AT, failed_runs: 1 }],
    gaps: ['9 unavailable'],
  },
  'stories fail, the list does not': {
    tasks: [LIST, { stream: 'stories', status: 'failed', failing_since: AT, failed_runs: 1 }],
    unlisted: 9,
    gaps: ['9 unlisted'],
  },
  'the network gives no more': { tasks: [{ ...LIST, reason: 'capped' }], gaps: ['9 capped'] },
  'a limit of the user, with the list': {
    tasks: [{ stream: '', status: 'skipped', reasons: '{"inline":1,"limited":1}' }],
    gaps: ['9 limited'],
  },
  'dates of the user': {
    tasks: [LIST],
    job: `params = '{"kinds":["posts"],"since":"2026-01-01T00:00:00.000Z"}'`,
    gaps: ['9 limited'],
  },
  'the profile is private now': { job: `status = 'skipped', reason = 'private'`, gaps: ['9 private'] },
  'posts were never asked for': { job: `params = '{"kinds":["profile"]}'`, gaps: ['9 not-read'] },
}

describe.each(STORES)('on $name', ({ open }) => {
  describe('why a profile has fewer posts here than it declares', () => {
    it.each(Object.entries(CASES))('%s', async (_, { tasks = [], job, unlisted, gaps }) => {
      await using file = await openReport(open, { declared: 12, stored: 3 })
      for (const task of tasks) await file.add('sync_tasks', task)
      if (job !== undefined) await file.run(`update sync_jobs set ${job}`)
      if (unlisted !== undefined) await file.run(`update entities set posts_unlisted = ${unlisted}`)
      expect(await gapsOf(file)).toEqual(gaps)
    })

    it('days that fail are named', async () => {
      await using file = await openReport(open, { declared: 12, stored: 3 })
      for (const days of ['2023-10-09', '2023-10-08'])
        await file.add('sync_tasks', {
          external_id: days,
          status: 'failed',
          failing_since: AT,
          failed_runs: 1,
        })
      const report = await file.write(({ db }) => reportPosts(db, OF))
      expect(report).toEqual({
        named_posts: null,
        playlists: null,
        tags: null,
        searches: null,
        posts_declared: 12,
        posts_stored: 3,
        post_gaps: [{ reason: 'unavailable', profiles: 1, posts: 9, parts: ['2023-10-08', '2023-10-09'] }],
        largest_post_gaps: [
          {
            network: NETWORK,
            profile_id: PROFILE,
            username: null,
            declared: 12,
            stored: 3,
            reason: 'unavailable',
          },
        ],
      })
    })

    it('what a later job of the same reading made of a list counts', async () => {
      await using file = await openReport(open, { declared: 12, stored: 3 })
      await file.add('sync_tasks', { ...LIST, status: 'partial', reason: 'loop' })
      await file.run(`update sync_jobs set status = 'partial'`)
      expect(await gapsOf(file)).toEqual(['9 loop'])
      await file.add('sync_runs', {})
      await file.add('sync_jobs', { run_id: 2, previous_job_id: 1, reading_id: 1 })
      await file.add('sync_tasks', { ...LIST, job_id: 2, reason: 'capped' })
      expect(await gapsOf(file)).toEqual(['9 capped'])
      // And one that only went on with comments says nothing of posts.
      await file.add('sync_runs', {})
      await file.add('sync_jobs', { run_id: 3, previous_job_id: 2, reading_id: 1 })
      expect(await gapsOf(file)).toEqual(['9 capped'])
      // A job that found the profile held says nothing at all.
      await file.add('sync_runs', {})
      await file.add('sync_jobs', { run_id: 4, status: 'skipped', reason: 'locked', reading_id: 4 })
      expect(await gapsOf(file)).toEqual(['9 capped'])
    })

    it('stories and what is gone are not counted, and what is whole has no gap', async () => {
      await using file = await openReport(open, { declared: 2, stored: 2 })
      await file.add('posts', { id: 'S1', kind: 'story' })
      await file.add('posts', { id: 'G1', missing_since: AT })
      expect(await file.write(({ db }) => reportPosts(db, OF))).toMatchObject({
        posts_declared: 2,
        posts_stored: 2,
        post_gaps: [],
      })
      await file.run('update profiles set posts_count = null')
      expect(await file.write(({ db }) => reportPosts(db, OF))).toMatchObject({
        posts_declared: null,
        posts_stored: 2,
        post_gaps: [],
      })
    })
  })

  it('the profiles of a run are summed up, those it had to leave to others aside', async () => {
    await using file = await openReport(open, { declared: 12, stored: 3 })
    const many = 'with recursive n (n) as (select 2 union all select n + 1 from n where n < 1200)'
    const others = (table: string, columns: string, values: string): Promise<void> =>
      file.run(
        `insert into ${table} (${columns}) ${many} select ${values} from n cross join (select * from ${table} limit 1) as first`,
      )
    await others(
      'entities',
      'network, entity_id, profile_id, posts_unlisted, watermarks, first_seen_at',
      `network, '@e' || cast(n as text), 'P' || cast(n as text), 1, watermarks, first_seen_at`,
    )
    await others(
      'profiles',
      'network, id, posts_count, first_seen_at, fetched_at, job_id, walk_id',
      `network, 'P' || cast(n as text), 1, first_seen_at, fetched_at, 1, 1`,
    )
    await others(
      'sync_jobs',
      'network, entity_id, cursor, status, reason, run_id, scopes, params, bounds, trace_id, created_at, reading_id',
      `network, '@e' || cast(n as text), cursor, case when n > 1190 then 'skipped' else status end, case when n > 1190 then 'locked' end, 1, scopes, params,
      bounds, trace_id, created_at, n`,
    )
    const report = await file.write(({ db }) => reportPosts(db, { run: 1 }))
    expect(report).toMatchObject({
      posts_declared: 12 + 1_189,
      posts_stored: 3,
      post_gaps: [
        { reason: 'unlisted', profiles: 1_189, posts: 1_189 },
        { reason: 'not-read', profiles: 1, posts: 9 },
      ],
    })
    expect(report.largest_post_gaps).toHaveLength(5)
    expect(report.largest_post_gaps[0]).toMatchObject({ profile_id: PROFILE, declared: 12, stored: 3 })
  })
})
