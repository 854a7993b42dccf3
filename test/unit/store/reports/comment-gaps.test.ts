import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { gapReason, STORED_COMMENTS } from '../../../../src/store/reports/comment-gaps.ts'
import { reportCompleteness } from '../../../../src/store/reports/completeness.ts'
import { EXPORTS } from '../../../../src/store/reports/export-rows.ts'
import {
  AT,
  ENTITY,
  NETWORK,
  openReport,
  openReportFile,
  PROFILE,
  type Report,
} from '../../../support/report-file.ts'
import { STORES } from '../../../support/stores.ts'
import type { Row } from '../../../support/tables.ts'

type Open = Parameters<typeof openReport>[0]

const OF = { network: NETWORK, entityId: ENTITY, profileId: PROFILE }
const EVERYTHING = { network: null, entity: null, jobs: null, since: null }
const REPLIES = { kind: 'comments', stream: 'replies', external_id: 'T1', post_id: 'V1' }
const COMMENTS = { kind: 'comments', stream: 'threads', external_id: 'V1', post_id: 'V1' }

/** Of a post with 250 comments of which one is stored, read to their end. */
const openPost = async (open: Open, tasks: readonly Row[]): Promise<Report> => {
  const file = await openReport(open, { stored: 1 })
  await file.run(
    `update posts set comments_count = 250, comments_declared = 250, comments_synced_at = '${AT}'`,
  )
  await file.add('comments', { id: 'T1', post_id: 'V1' })
  for (const task of tasks) await file.add('sync_tasks', task)
  return file
}

/** The reason, which the report of a job, that of a run and the export must tell alike. */
const reasonOf = async (file: Report): Promise<string | undefined> => {
  const [job, run, exported] = await file.write(async ({ db }) => {
    const rows: Row[] = []
    for await (const row of EXPORTS.posts.rows(db, EVERYTHING)) rows.push(row)
    return [
      await reportCompleteness(db, OF, Date.parse(AT)),
      await reportCompleteness(db, { run: 1 }, Date.parse(AT)),
      rows,
    ]
  })
  const [gap] = job.comment_gaps
  expect(run.comment_gaps).toEqual(job.comment_gaps)
  expect(exported).toMatchObject([{ comments_reason: gap?.reason, stored_comments_count: 1 }])
  return gap?.reason
}

describe.each(STORES)('on $name', ({ open }) => {
  describe('FAULTS 109: a gap in the comments of a post says what the lists of replies said', () => {
    it.each([
      ['unlisted', 'they were read to their end', { status: 'succeeded' }],
      ['loop', 'one came again and again', { status: 'partial', reason: 'loop' }],
      ['refused', 'one was refused', { status: 'skipped', reason: 'refused' }],
      ['deleted', 'its thread is gone', { status: 'skipped', reason: 'deleted' }],
      ['unavailable', 'one fails', { status: 'failed', failing_since: AT, failed_runs: 1 }],
      [
        'unavailable',
        'one has failed for long',
        { status: 'skipped', reason: 'unavailable', failing_since: AT },
      ],
    ] as const)('%s: %s', async (reason, _, task) => {
      await using file = await openPost(open, [{ ...REPLIES, ...task }])
      expect(await reasonOf(file)).toBe(reason)
    })

    it('the last word on a thread counts, whatever other posts and threads say', async () => {
      await using file = await openPost(open, [{ ...REPLIES, status: 'skipped', reason: 'refused' }])
      await file.add('sync_tasks', { ...REPLIES, external_id: 'T9', post_id: 'V9', reason: 'loop' })
      await file.add('sync_runs', {})
      await file.add('sync_jobs', { run_id: 2, previous_job_id: 1, reading_id: 2 })
      expect(await reasonOf(file)).toBe('refused')
      await file.add('sync_tasks', { ...REPLIES, job_id: 2, status: 'pending' })
      expect(await reasonOf(file)).toBe('refused')
      await file.run(`update sync_tasks set status = 'succeeded' where job_id = 2`)
      expect(await reasonOf(file)).toBe('unlisted')
    })

    it('what the walk over the comments said, or a limit of the user, comes first', async () => {
      await using file = await openPost(open, [{ ...REPLIES, status: 'partial', reason: 'loop' }])
      await file.run(
        `update sync_jobs set params = '{"kinds":["comments"],"replies":"full","limitComments":5}'`,
      )
      expect(await reasonOf(file)).toBe('limited')
      await file.run(`update posts set comments_reason = 'capped'`)
      expect(await reasonOf(file)).toBe('capped')
    })
  })

  describe('a list of comments', () => {
    it('that fails is unavailable; without that it is not read', async () => {
      await using file = await openPost(open, [])
      await file.run('update posts set comments_synced_at = null')
      expect(await reasonOf(file)).toBe('not-read')
      await file.add('sync_tasks', { ...COMMENTS, status: 'failed', failing_since: AT, failed_runs: 2 })
      expect(await reasonOf(file)).toBe('unavailable')
    })
  })
})

it('what was said is gathered once, not for each post anew', async () => {
  await using file = await openReportFile({ stored: 1 })
  const steps = await file.write(async ({ db }) => {
    const { rows } = await sql<{ detail: string }>`
      explain query plan select ${gapReason(STORED_COMMENTS)} from posts`.execute(db)
    return rows.map(({ detail }) => detail)
  })
  expect(steps.filter(step => /^SEARCH said USING AUTOMATIC/.test(step))).toHaveLength(2)
})
