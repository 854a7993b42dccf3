import { sql } from 'kysely'
import type { Walk } from '../../src/core/ports.ts'
import { chainSince, readingOfJob } from '../../src/store/queue/chain.ts'
import * as counts from '../../src/store/queue/count-jobs.ts'
import * as jobs from '../../src/store/queue/find-jobs.ts'
import * as lookUps from '../../src/store/queue/look-up-ids.ts'
import { recall } from '../../src/store/queue/memory.ts'
import { isOpenRest } from '../../src/store/queue/open-rest.ts'
import { findOrder, isStopping, openOrders, wasInterrupted } from '../../src/store/queue/orders.ts'
import { openTransformOrders } from '../../src/store/queue/transform-orders.ts'
import { lastSince } from '../../src/store/queue/watermarks.ts'
import { type Call, each, type Facts, idsWhere, NOW, pairs } from './file-facts.ts'
import { EVERYTHING } from './params.ts'

const LOOK_UPS = [
  { after: [], subject: 'post', asks: 'stale', size: 7 },
  { after: [], subject: 'post', asks: 'absent', size: 2 },
  { after: [], subject: 'comment', asks: 'absent', size: 3 },
] as const

const lookUpsOf = ({ busy, posts, jobs }: Facts): Call[] => {
  const asked = pairs(pairs(LOOK_UPS, busy), pairs(posts, [null, '', '5']))
  return each(asked, (db, [[lookUp, { network, profileId }], [postId, after]]) => {
    const task = { externalId: profileId, profileId, postId, jobId: jobs[20] }
    const tasks = [{ ...task, externalId: 'zzz', profileId: busy[0]?.profileId }, task]
    const cursor = after === null ? null : { of: profileId, after }
    const params = { ...EVERYTHING, since: postId === null ? null : NOW }
    return lookUps.findLookedUp(
      db,
      { network, cursor, startedAt: NOW, tasks, params } as unknown as Walk,
      lookUp,
    )
  })
}

/** Calls of what is found of jobs and orders, by the name of what is called, each in several ways. */
export const queueCalls = (facts: Facts): Readonly<Record<string, readonly Call[]>> => {
  const { networks, runs, jobs: ids, entities, names, posts, bounds } = facts
  const everyOther = [...ids.toReversed(), ...ids.slice(0, 5)]
  const subjects = ['post', 'profile'] as const
  const stored = [...posts, ...entities.map(({ profileId }) => profileId)]
  return {
    resolveAliases: [
      at =>
        jobs.resolveAliases(
          at,
          pairs(networks, names).map(([network, id]) => ({ network, id })),
        ),
    ],
    findPrevious: bounds.map(
      bound => at =>
        jobs.findPrevious(
          at,
          entities.map(one => ({ ...one, bounds: bound })),
        ),
    ),
    lastSince: each(networks, (db, network) => lastSince(db, network, names, EVERYTHING.kinds)),
    wasCutShort: runs.map(run => at => jobs.wasCutShort(at, run)),
    findChainEnds: each(
      ['all' as const, { jobs: everyOther }, { jobs: [] }, ...runs.map(runId => ({ runId }))],
      jobs.findChainEnds,
    ),
    chainEnd: each(ids, jobs.chainEnd),
    chainOf: each(ids, jobs.chainOf),
    newestEndedRun: each([null], jobs.newestEndedRun),
    spanOfRun: each(runs, jobs.spanOfRun),
    jobsOfRun: each(runs, jobs.jobsOfRun),
    findKnown: each(pairs(networks, [posts, []]), (db, asked) => lookUps.findKnown(db, ...asked)),
    findThere: each(pairs(networks, subjects), (db, of) => lookUps.findThere(db, ...of, stored)),
    findCounters: each(pairs(networks, [posts, []]), (db, asked) => lookUps.findCounters(db, ...asked)),
    findObserved: each(pairs(networks, names), (db, [network, subjectId]) =>
      lookUps.findObserved(db, network, {
        subject: 'profile',
        subjectId,
        names: ['followers_count', 'day.reach'],
        since: '2026-09-01T00:00:00.000Z',
      }),
    ),
    findLookedUp: lookUpsOf(facts),
    countJobsByNetwork: each(runs, counts.countJobsByNetwork),
    countOutcomes: each(runs, counts.countOutcomes),
    recall: each(networks, recall),
    findOrder: each(['key 1', 'key 3', 'none'], findOrder),
    openOrders: each([null], openOrders),
    isStopping: each(runs, isStopping),
    wasInterrupted: each(runs, wasInterrupted),
    openTransformOrders: each([null], openTransformOrders),
    chainSince: each(pairs(ids, [0, 30]), (db, [job, back]) =>
      idsWhere(db, 'sync_jobs', sql`id in ${chainSince(job, sql`${job - back}`)}`),
    ),
    readingOfJob: each(ids, (db, job) => idsWhere(db, 'sync_jobs', sql`id in ${readingOfJob(job)}`)),
    isOpenRest: each(['posts', 'comments'] as const, (db, kind) =>
      idsWhere(
        db,
        'sync_tasks',
        sql`exists (select 1 from sync_tasks where sync_tasks.id = task.id and ${isOpenRest(kind)})`,
      ),
    ),
  }
}
