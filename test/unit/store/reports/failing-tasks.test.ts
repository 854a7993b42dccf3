import { describe, expect, it } from 'vitest'
import { LISTED } from '../../../../src/store/reports/failing-tasks.ts'
import { reportJob } from '../../../../src/store/reports/job-report.ts'
import { listJobsAfter, listTasks } from '../../../../src/store/reports/lists.ts'
import { reportRun } from '../../../../src/store/reports/run-report.ts'
import { AT, ENTITY, NETWORK, openReport, type Report } from '../../../support/report-file.ts'
import { STORES } from '../../../support/stores.ts'

const SINCE = '2026-09-28T00:10:00.000Z'
const NEXT = '2026-10-05T22:00:00.000Z'
const FAILING = {
  kind: 'comments',
  stream: 'threads',
  status: 'failed',
  error_type: 'network_error',
  last_error: 'processingFailure: try later',
  failing_since: SINCE,
  failed_runs: 2,
  not_before: NEXT,
}

const reportsOf = (file: Report) =>
  file.write(async ({ db }) => [await reportRun(db, 1), await reportJob(db, 1, Date.parse(AT))] as const)

describe.each(STORES)('on $name', ({ open }) => {
  describe('what keeps failing', () => {
    it('is told of a run and of a job: what, since when, in whose words, and when it is tried again', async () => {
      await using file = await openReport(open)
      await file.add('sync_tasks', { ...FAILING, external_id: 'V1', post_id: 'V1' })
      const [run, job] = await reportsOf(file)
      expect(job?.failing).toEqual(run?.failing)
      expect(run?.failing).toEqual({
        count: 1,
        groups: [
          {
            network: NETWORK,
            what: 'threads',
            error_type: 'network_error',
            count: 1,
            failing_since: SINCE,
            next_try_at: NEXT,
            message: 'processingFailure: try later',
          },
        ],
        tasks: [
          {
            network: NETWORK,
            entity_id: ENTITY,
            job_id: 1,
            what: 'threads',
            external_id: 'V1',
            post_id: 'V1',
            status: 'failed',
            reason: null,
            error_type: 'network_error',
            message: 'processingFailure: try later',
            failing_since: SINCE,
            failed_runs: 2,
            next_try_at: NEXT,
          },
        ],
      })
      const jobs = await file.write(({ db }) =>
        listJobsAfter(
          db,
          { statuses: [], network: null, entity: null, run: null },
          { after: null, limit: 5 },
        ),
      )
      expect(jobs).toMatchObject([{ id: 1, failing: 1, failing_since: SINCE }])
      const [task] = await file.write(({ db }) =>
        listTasks(db, 1, { statuses: [], kinds: [] }, { after: null, limit: 5 }),
      )
      expect(task).toMatchObject({ part: '', new_items: 0, failing_since: SINCE, failed_runs: 2 })
    })

    it('is told by its kinds where there is much of it, and listed up to a bound', async () => {
      await using file = await openReport(open)
      const many = LISTED + 20
      await file.run(`
      insert into sync_tasks (job_id, kind, stream, external_id, post_id, status, error_type, last_error, failing_since, failed_runs, not_before)
      with recursive n (n) as (select 1 union all select n + 1 from n where n < ${many})
      select 1, 'comments', 'threads', 'V' || cast(n as text), 'V' || cast(n as text), 'failed', 'network_error', 'words', '${SINCE}', 1,
        '2026-10-' || cast(10 + n % 9 as text) || 'T22:00:00.000Z' from n`)
      await file.add('sync_tasks', {
        ...FAILING,
        kind: 'posts',
        stream: 'videos',
        external_id: '2023-10-08..2023-10-10',
      })
      const [run] = await reportsOf(file)
      expect(run?.failing.count).toBe(many + 1)
      expect(run?.failing.groups.map(({ what, count }) => [what, count])).toEqual([
        ['threads', many],
        ['videos', 1],
      ])
      expect(run?.failing.groups[0]).toMatchObject({ next_try_at: '2026-10-10T22:00:00.000Z' })
      expect(run?.failing.tasks).toHaveLength(LISTED)
    })

    it('is put off until a day only where nothing else is unfinished', async () => {
      await using file = await openReport(open)
      const putOff = async () => (await reportsOf(file)).map(report => report?.put_off_until)
      expect(await putOff()).toEqual([null, null])
      await file.add('sync_tasks', { ...FAILING, external_id: 'V1', post_id: 'V1' })
      await file.add('sync_tasks', {
        ...FAILING,
        external_id: 'V2',
        post_id: 'V2',
        not_before: '2026-11-01T00:00:00.000Z',
      })
      await file.add('sync_tasks', { kind: 'profile', stream: 'channels', external_id: ENTITY })
      expect(await putOff()).toEqual([NEXT, NEXT])
      await file.add('sync_tasks', { external_id: 'U1', status: 'partial' })
      expect(await putOff()).toEqual([null, null])
    })
  })

  it('what came is told with how much of it is new', async () => {
    await using file = await openReport(open)
    await file.add('sync_tasks', { items: 12, new_items: 3 })
    await file.add('sync_tasks', { kind: 'comments', stream: 'threads', external_id: 'V1', items: 5 })
    const [run, job] = await reportsOf(file)
    expect(run).toMatchObject({ items: { posts: 12, comments: 5 }, new_items: { posts: 3, comments: 0 } })
    expect(job?.tasks).toMatchObject([
      { kind: 'comments', items: 5, new_items: 0 },
      { kind: 'posts', items: 12, new_items: 3 },
    ])
  })

  it('what could not be read is counted, some of it by its place', async () => {
    await using file = await openReport(open)
    await file.add('sync_walks', {})
    for (let n = 1; n <= 7; n++) await file.add('rejects', { seq: n, path: `items[${n}].id` })
    const [run, job] = await reportsOf(file)
    expect(job?.unread).toEqual(run?.unread)
    expect(run?.unread.count).toBe(7)
    expect(run?.unread.examples).toHaveLength(5)
    expect(run?.unread.examples[0]).toEqual({
      network: NETWORK,
      entity_id: ENTITY,
      stream: 'uploads',
      path: 'items[1].id',
      reason: 'no text',
    })
  })
})
