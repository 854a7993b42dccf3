import { expect, test } from 'vitest'
import type { Ending } from '../../../../src/core/ports.ts'
import type { Reason, Status } from '../../../../src/core/task.ts'
import { createJobRow } from '../../../../src/store/queue/jobs.ts'
import { addTask, countSettled, endTasks } from '../../../../src/store/queue/tasks.ts'
import { perTest } from '../../../support/fresh.ts'
import { EVERYTHING } from '../../../support/params.ts'
import { openStoreFile } from '../../../support/store-file.ts'

const AT = '2026-03-01T12:00:00.000Z'

const QUEUE = {
  kindOf: () => 'posts' as const,
  headedList: () => 'posts' as const,
  rank: () => 0,
  retry: false,
  closedUntil: null,
}

/** A file with one job in it, that has no task yet. */
const file = perTest(async () => {
  const opened = await openStoreFile()
  await opened.write(async tx => {
    const run = { trigger: 'cli', scopes: '[]', params: '{}', trace_id: 't', worker: null, created_at: AT }
    await tx.db.insertInto('sync_runs').values(run).execute()
    const job = { runId: 1, network: 'any', entityId: 'ada', scopes: ['all'], params: EVERYTHING } as const
    const of = {
      previous: null,
      traceId: 't',
      worker: 'w',
      credential: null,
      time: AT,
      shared: new Set<string>(),
    }
    await createJobRow(tx, { ...job, ...of, ...QUEUE, continues: false, stored: false })
  })
  return opened
})

/** A task of the job for each name; ids count from 1. */
const add = (...names: readonly string[]): Promise<readonly boolean[]> =>
  file().write(async tx => {
    const added: boolean[] = []
    for (const external_id of names)
      added.push(
        await addTask(tx, {
          ...{ job_id: 1, kind: 'posts', stream: 'posts', external_id },
          ...{ profile_id: null, post_id: null, walk_id: null, expected: null, from_at: null },
        }),
      )
    return added
  })
const ending = (status: Ending['status'], part: Partial<Ending> = {}): Ending => ({
  status,
  reason: null,
  errorType: null,
  message: null,
  ...part,
})
const end = (id: number, how: Ending) => file().write(tx => endTasks(tx, [{ id, jobId: 1 }], how, AT))
const job = () =>
  file().rows('select status, reason, error_type, error_message, open_tasks, finished_at from sync_jobs')[0]

test('a task is added once', async () => {
  expect(await add('a', 'b', 'a')).toEqual([true, true, false])
  expect(job()).toMatchObject({ status: 'pending', open_tasks: 2 })
})

test('a job ends with the last of its tasks, with what was wrong with it', async () => {
  await add('a', 'b')
  expect(await end(1, ending('failed', { errorType: 'rejected', message: 'no' }))).toEqual([])
  expect(job()).toMatchObject({ status: 'pending', open_tasks: 1, finished_at: null })
  expect(await end(2, ending('partial', { reason: 'loop' }))).toEqual([
    { id: 1, entityId: 'ada', status: 'partial', errorType: 'rejected' },
  ])
  expect(job()).toEqual({
    ...{ status: 'partial', reason: null, error_type: 'rejected', error_message: 'no' },
    ...{ open_tasks: 0, finished_at: AT },
  })
  expect(file().rows('select status, reason, last_synced_at from sync_tasks')).toEqual([
    { status: 'failed', reason: null, last_synced_at: null },
    { status: 'partial', reason: 'loop', last_synced_at: AT },
  ])
})

test.each<[Status, Ending['status']]>([
  ['succeeded', 'failed'],
  ['succeeded', 'partial'],
  ['failed', 'succeeded'],
  ['skipped', 'succeeded'],
  ['partial', 'succeeded'],
])('from %s to %s: a bug, which throws and changes nothing', async (from, to) => {
  await add('a', 'b')
  await file().write(
    tx => void tx.db.updateTable('sync_tasks').set({ status: from }).where('id', '=', 2).execute(),
  )
  const tasks = [1, 2].map(id => ({ id, jobId: 1 }))
  const illegal = file().write(tx => endTasks(tx, tasks, ending(to), AT))
  await expect(illegal).rejects.toThrow(`task 2 may not go from ${from} to ${to}`)
  expect(file().rows('select status from sync_tasks')).toEqual([{ status: 'pending' }, { status: from }])
  expect(job()).toMatchObject({ status: 'pending', open_tasks: 2 })
})

test.each<[Partial<Record<Reason, number>>, number, string, Reason | null]>([
  [{ 'up-to-date': 9, none: 1 }, 0, 'skipped', 'up-to-date'],
  [{ 'up-to-date': 1, none: 9 }, 0, 'skipped', 'none'],
  [{ inline: 5, none: 1 }, 0, 'succeeded', null],
  [{ none: 5 }, 3, 'succeeded', null],
])(
  'what was settled without a call, %o with %i items, is one task: %s',
  async (reasons, items, status, reason) => {
    await add('a')
    const settled = new Map(Object.entries(reasons) as [Reason, number][])
    await file().write(tx =>
      countSettled(tx, [
        { job: { id: 1, entityId: 'ada' }, kind: 'comments', reasons: settled, came: { items, new: items } },
      ]),
    )
    await file().write(tx =>
      countSettled(tx, [
        { job: { id: 1, entityId: 'ada' }, kind: 'comments', reasons: settled, came: { items: 0, new: 0 } },
      ]),
    )
    expect(job()).toMatchObject({ open_tasks: 1 })
    await end(1, ending('succeeded'))
    const sum = Object.fromEntries([...settled].map(([of, count]) => [of, 2 * count]))
    expect(file().rows(`select status, reason, items, reasons from sync_tasks where stream = ''`)).toEqual([
      { status, reason, items, reasons: JSON.stringify(sum) },
    ])
    expect(job()).toMatchObject({ status: 'succeeded' })
  },
)
