import { expect, it } from 'vitest'
import { reopen } from '../../../../src/store/admin/reopen.ts'
import { SqliteFile } from '../../../../src/store/sqlite/database.ts'
import { AT, NETWORK, openReportFile } from '../../../support/report-file.ts'

const LATER = '2026-10-02T08:00:00.000Z'

it('a day is reopened for one network: its pools, and the jobs that waited for them alone', async () => {
  await using file = await openReportFile()
  const closed = { exhausted_until: LATER, refused_as: 'quota-exhausted', used: 10_000 }
  await file.add('quota', closed)
  await file.add('quota', { ...closed, window_start: '2026-09-30T00:00:00.000Z' })
  await file.add('quota', { ...closed, pool: 'search' })
  await file.add('quota', { ...closed, network: 'other' })
  await file.run(
    `update sync_jobs set status = 'partial', error_type = 'quota_exhausted', not_before = '${LATER}'`,
  )
  await file.add('sync_walks', { not_before: LATER, state: 'ready' })
  const waits = { status: 'pending', not_before: LATER }
  await file.add('sync_tasks', { ...waits, walk_id: 1 })
  await file.add('sync_tasks', { ...waits, external_id: 'V1', status: 'failed', failing_since: AT })
  const others = { status: 'partial', not_before: LATER, reading_id: 1 }
  await file.add('sync_jobs', { ...others, entity_id: 'b', error_type: 'unreachable' })
  await file.add('sync_jobs', { ...others, entity_id: 'c', network: 'other', error_type: 'quota_exhausted' })

  const [{ file: path }] = file.rows('pragma database_list') as [{ file: string }]
  const again = SqliteFile.open(path)
  expect(await reopen(again, NETWORK)).toEqual({ pools: 2, jobs: 1 })
  expect(await reopen(again, NETWORK)).toEqual({ pools: 0, jobs: 0 })
  await again.close()
  expect(
    file.rows('select network, pool, used, exhausted_until, refused_as from quota order by 1, 2'),
  ).toEqual([
    { network: 'other', pool: 'calls', used: 10_000, exhausted_until: LATER, refused_as: 'quota-exhausted' },
    ...['calls', 'calls', 'search'].map(pool => ({
      network: NETWORK,
      pool,
      used: 10_000,
      exhausted_until: null,
      refused_as: null,
    })),
  ])
  expect(file.rows('select not_before from sync_jobs order by id')).toEqual([
    { not_before: null },
    { not_before: LATER },
    { not_before: LATER },
  ])
  // What fails waits for its own day.
  expect(file.rows('select not_before from sync_tasks order by id')).toEqual([
    { not_before: null },
    { not_before: LATER },
  ])
  expect(file.rows('select not_before from sync_walks')).toEqual([{ not_before: null }])
})
