import { sql } from 'kysely'
import type { Params } from '../../src/core/params.ts'
import { readAsked } from '../../src/store/reports/asked.ts'
import * as averages from '../../src/store/reports/averages.ts'
import * as changes from '../../src/store/reports/changes.ts'
import { sumCollections } from '../../src/store/reports/collection-sums.ts'
import { reportCompleteness } from '../../src/store/reports/completeness.ts'
import { sumCosts } from '../../src/store/reports/cost-sums.ts'
import { EXPORTS } from '../../src/store/reports/export-rows.ts'
import type { ExportFilter, ExportTable } from '../../src/store/reports/export-table.ts'
import { streamFollowers } from '../../src/store/reports/follower-series.ts'
import * as graph from '../../src/store/reports/graph-rows.ts'
import { reportJob } from '../../src/store/reports/job-report.ts'
import * as tallies from '../../src/store/reports/job-tally.ts'
import { readLedger } from '../../src/store/reports/ledger-rows.ts'
import { countListedKinds } from '../../src/store/reports/listed-kinds.ts'
import { readPostTexts, streamListedPosts } from '../../src/store/reports/listed-posts.ts'
import * as listed from '../../src/store/reports/listed-profiles.ts'
import { readCollectionsThere, readItems, readPostsThere } from '../../src/store/reports/listed-there.ts'
import { streamListedWords } from '../../src/store/reports/listed-words.ts'
import * as lists from '../../src/store/reports/lists.ts'
import { reportNamedPosts } from '../../src/store/reports/named-posts.ts'
import * as named from '../../src/store/reports/named-profiles.ts'
import { readNames } from '../../src/store/reports/names.ts'
import { readNewestCounters } from '../../src/store/reports/newest-counters.ts'
import { readNewestParams } from '../../src/store/reports/newest-params.ts'
import * as newest from '../../src/store/reports/newest-posts.ts'
import { reportPosts } from '../../src/store/reports/post-gaps.ts'
import * as lines from '../../src/store/reports/profile-lines.ts'
import { listRejects } from '../../src/store/reports/reject-lines.ts'
import { RESULT_KINDS, type ResultPosition, readResults } from '../../src/store/reports/results.ts'
import { isOfSandbox, newestRun, reportRun } from '../../src/store/reports/run-report.ts'
import * as schedules from '../../src/store/reports/schedule-report.ts'
import { readShownPlaylists } from '../../src/store/reports/shown-playlists.ts'
import { countInSlices, jobSlices, taskSlices } from '../../src/store/reports/slices.ts'
import * as standing from '../../src/store/reports/standing.ts'
import * as stored from '../../src/store/reports/stored-profiles.ts'
import { tallyTasks } from '../../src/store/reports/task-tally.ts'
import { reportTransforms } from '../../src/store/reports/transform-report.ts'
import { isStoredTransform, readTransformResults } from '../../src/store/reports/transform-results.ts'
import { reportUnread } from '../../src/store/reports/unread-rows.ts'
import {
  type Call,
  collect,
  type Db,
  each,
  type Facts,
  idsWhere,
  MOMENTS,
  NOW,
  pagesOf,
  pairs,
} from './file-facts.ts'
import { EVERYTHING } from './params.ts'

const PARAMS: Params = { ...EVERYTHING, kinds: ['profile', 'posts', 'comments'] }

const filtersOf = ({ networks, names, runs }: Facts): changes.ChangeFilter[] => {
  const all = { since: '2026-10-01T00:00:00.000Z', until: null, run: null, network: null, entity: null }
  return [
    all,
    ...MOMENTS.map(since => ({ ...all, since })),
    ...MOMENTS.map(until => ({ ...all, until })),
    ...networks.map(network => ({ ...all, network })),
    ...names.map(entity => ({ ...all, entity, until: NOW })),
    ...runs.map(run => ({ ...all, run, since: '2026-10-02T06:00:00.000Z' })),
  ]
}

const pricesOf = ({ networks, entities }: Facts) => {
  const pricings: stored.Asking['pricing'][] = [
    { replies: null, byAge: true, settlesAfterMs: 86_400_000, looksUp: false },
    { replies: { inline: 2, size: 3 }, byAge: true, settlesAfterMs: 0, looksUp: true },
  ]
  const dates: Partial<Params>[] = [
    {},
    { since: '2026-08-01T00:00:00.000Z', limitComments: 5 },
    { until: '2026-08-01T00:00:00.000Z' },
  ]
  return networks.flatMap(network => {
    const started = entities
      .filter(entity => entity.network === network)
      .map(({ profileId }, n) => ({ profileId, from: n % 3 === 0 ? (MOMENTS[0] ?? null) : null }))
    return pricings.flatMap(pricing =>
      dates.map(given => ({
        started,
        asking: {
          network,
          pricing,
          params: { ...PARAMS, ...given },
          young: '2026-09-20T00:00:00.000Z',
          now: NOW,
        },
      })),
    )
  })
}

const exportFiltersOf = ({ networks, names, jobs }: Facts): ExportFilter[] => {
  const all = { network: null, entity: null, jobs: null, since: null }
  return [
    all,
    ...networks.map(network => ({ ...all, network })),
    ...names.map(entity => ({ ...all, entity })),
    ...MOMENTS.map(since => ({ ...all, since })),
    { ...all, jobs },
    { ...all, jobs: [] },
  ]
}

const exportsOf = (facts: Facts): Call[] => {
  const tables: readonly ExportTable[] = Object.values(EXPORTS)
  return each(pairs(tables, exportFiltersOf(facts)), async (db, [{ columns, rows }, filter]) =>
    (await collect(rows(db, filter))).map(row => columns.map(({ name }) => row[name])),
  )
}

const resultsOf = ({ busy, jobs, posts }: Facts): Call[] => {
  const requests = busy.flatMap(({ network, profileId }) => {
    const all = {
      network,
      profileId,
      collectionId: null,
      jobs,
      postId: null,
      since: null,
      name: null,
      subject: null,
      limit: 23,
    }
    return [
      all,
      ...posts.map(postId => ({ ...all, postId })),
      { ...all, since: MOMENTS[1] ?? null },
      { ...all, name: 'view_count' },
      { ...all, subject: 'profile' as const },
      { ...all, subject: 'post' as const },
    ]
  })
  return each(pairs(RESULT_KINDS, requests), (db, [kind, request]) =>
    pagesOf((after: ResultPosition | null) => readResults(db, kind, { ...request, after })),
  )
}

const listsOf = ({ networks, runs, names }: Facts): lists.JobFilter[] => {
  const all = { statuses: [], network: null, entity: null, run: null }
  return [
    all,
    ...runs.map(run => ({ ...all, run })),
    ...networks.map(network => ({ ...all, network, statuses: ['partial', 'failed'] })),
    { ...all, statuses: ['succeeded', 'skipped'] },
    { ...all, network: networks[0] ?? '', run: 2 },
    ...names.map(name => ({ ...all, entity: name.slice(1, 6).toUpperCase() })),
    { ...all, entity: '%' },
  ]
}

const profileFiltersOf = ({ networks, names }: Facts): lines.ProfileFilter[] => {
  const all = { statuses: [], network: null, text: null }
  return [
    all,
    { ...all, statuses: ['partial', 'failed', 'skipped'] },
    ...networks.map(network => ({ ...all, network })),
    ...names.map(name => ({ ...all, text: name.slice(1, 4).toUpperCase() })),
  ]
}

/** Each page of a list with what was counted beside it. */
const profilePages = async (
  db: Db,
  [filter, [order, descending]]: readonly [lines.ProfileFilter, readonly [lines.ProfileOrder, boolean]],
): Promise<unknown[]> => {
  const pages: unknown[] = []
  for (let after: lines.ProfilePlace | null | undefined; after !== null; ) {
    const page = await lines.listProfiles(db, filter, { order, descending, after: after ?? null, limit: 37 })
    pages.push(page)
    after = page.next
  }
  return pages
}

const transformsOf = ({ networks }: Facts): Call[] => {
  const statuses = [[], ['done'], ['failed', 'pending']]
  return each(
    pairs([null, ...networks], pairs([null, '1'], statuses)),
    (db, [network, [version, statuses]]) => {
      const request = { transform: 'captions', version, network, statuses, limit: 50 }
      return pagesOf((after: number | null) => readTransformResults(db, { ...request, after }))
    },
  )
}

const slicesOf = async (
  db: Db,
  table: 'sync_jobs' | 'sync_tasks',
  slices: AsyncIterable<Parameters<typeof idsWhere>[2]>,
): Promise<unknown[]> => {
  const found: unknown[] = []
  for await (const slice of slices) found.push(await idsWhere(db, table, slice))
  return found
}

/** Calls of what is shown, by the name of what is called, each in several ways. */
export const reportCalls = (facts: Facts): Readonly<Record<string, readonly Call[]>> => {
  const { networks, runs, jobs, entities, names, bounds } = facts
  const everybody = [null, ...networks].map(network => ({ network }))
  const profiles = [...runs.map(run => ({ run })), ...entities, ...everybody]
  const chosen = [
    ...everybody.map(({ network }) => ({ network, entity: null })),
    ...entities.slice(0, 9).map(({ network, profileId }) => ({ network, entity: profileId })),
    ...names.slice(0, 9).map(entity => ({ network: null, entity })),
  ]
  const moments = [null, ...MOMENTS]
  const tasks = [...runs.map(run => ({ run })), ...jobs.map(job => ({ job }))]
  const filters = filtersOf(facts)
  const prices = pricesOf(facts)
  const words = ['new', 'edited', 'gone', 'back', 'moved'] as const
  const all = { statuses: [], kinds: [] }
  const some = { statuses: ['skipped', 'partial'], kinds: ['comments', 'posts'] }
  return {
    measureAverages: each(pairs(networks, [null, { inline: 2, size: 3 }]), (db, [network, replies]) =>
      averages.measureAverages(db, network, { replies }),
    ),
    measureCall: each(networks, averages.measureCall),
    streamChanges: each(pairs(words, filters), (db, of) => collect(changes.streamChanges(db, ...of))),
    streamNewComments: each(filters, (db, filter) => collect(changes.streamNewComments(db, filter))),
    reportCompleteness: each(profiles, (db, of) => reportCompleteness(db, of, Date.parse('2026-12-01'))),
    reportPosts: each(profiles, reportPosts),
    reportNamedPosts: each(profiles, reportNamedPosts),
    sumCollections: each(profiles, (db, of) => sumCollections(db, 'playlist', of)),
    countListedKinds: each(runs, (db, run) => countListedKinds(db, run, networks, 100)),
    EXPORTS: exportsOf(facts),
    ...Object.fromEntries(
      Object.entries(graph).map(([name, list]) => [
        name,
        each(exportFiltersOf(facts), (db, filter) => collect<object>(list(db, filter))),
      ]),
    ),
    reportJob: each(jobs, (db, id) => reportJob(db, id, Date.parse(NOW))),
    tallyJobs: each(runs, tallies.tallyJobs),
    countJobsByStatus: each(runs, tallies.countJobsByStatus),
    networksOf: each([null, ...runs], tallies.networksOf),
    readLedger: each(
      pairs([networks, networks.slice(0, 1), []], [...MOMENTS, '2026-10-21T00:00:00.000Z']),
      (db, of) => readLedger(db, ...of),
    ),
    listRuns: each([null, ...runs], (db, after) => lists.listRuns(db, { after, limit: 3 })),
    listJobsAfter: each(pairs(listsOf(facts), [null, 60, 3_000]), (db, [filter, after]) =>
      lists.listJobsAfter(db, filter, { after, limit: 40 }),
    ),
    countListed: each(pairs(listsOf(facts), [0, 3, 1_000]), (db, [filter, most]) =>
      lists.countListed(db, filter, most),
    ),
    sizesOf: each([jobs, jobs.slice(0, 1), []], lists.sizesOf),
    listTasks: each(pairs(jobs, pairs([all, some], [null, 100])), (db, [job, [only, after]]) =>
      lists.listTasks(db, job, only, { after, limit: 50 }),
    ),
    readAsked: each([runs, runs.slice(0, 1), []], readAsked),
    readNewestParams: each(facts.entities, (db, { network, entityId }) =>
      readNewestParams(db, network, entityId),
    ),
    readNewestCounters: each(networks, (db, network) =>
      readNewestCounters(
        db,
        network,
        entities.map(({ profileId }) => profileId),
        'day.',
      ),
    ),
    readNames: each([[], pairs(networks, facts.names).map(([network, id]) => ({ network, id }))], readNames),
    subjectOf: each(jobs, lists.subjectOf),
    endsOf: each(runs, lists.endsOf),
    orderOf: each(runs, lists.orderOf),
    readGauges: each([null], lists.readGauges),
    listProfiles: each(
      pairs(profileFiltersOf(facts), pairs(lines.PROFILE_ORDERS, [true, false])),
      profilePages,
    ),
    listNewestPosts: each(facts.busy, (db, of) =>
      pagesOf((after: newest.PostPlace | null) => newest.listNewestPosts(db, of, { after, limit: 23 })),
    ),
    listComments: each(facts.commented, (db, post) =>
      pagesOf((after: string | null) => newest.listComments(db, post, { after, limit: 23 })),
    ),
    listRejects: each([null], listRejects),
    readResults: resultsOf(facts),
    isOfSandbox: [({ db }) => isOfSandbox(db)],
    newestRun: each([null], newestRun),
    reportRun: each(runs, reportRun),
    countInSlices: each(runs, (db, run) => countInSlices(db, sql`run_id = ${run}`)),
    jobSlices: each(runs, (db, run) => slicesOf(db, 'sync_jobs', jobSlices(db, run, 'partial'))),
    taskSlices: each(
      [
        { first: 1, last: 20 },
        { first: 90, last: 110 },
      ],
      (db, span) => slicesOf(db, 'sync_tasks', taskSlices(db, span)),
    ),
    readProfiles: each(pairs(networks, [...bounds, null]), (db, [network, bound]) => {
      const known = entities.filter(entity => entity.network === network).map(({ entityId }) => entityId)
      return stored.readProfiles(db, network, [...names, ...known, ...names], bound)
    }),
    readKnownPosts: each(prices, (db, { started, asking }) => stored.readKnownPosts(db, started, asking)),
    readKnownPostsOfCollections: each(prices, (db, { asking }) =>
      stored.readKnownPostsOfCollections(
        db,
        facts.playlists.map(id => ({ id, from: null })),
        asking,
      ),
    ),
    readCommentStats: each(prices, (db, { started, asking }) => stored.readCommentStats(db, started, asking)),
    readCommentStatsOfPosts: each(prices, (db, { started, asking }) =>
      stored.readCommentStatsOfPosts(
        db,
        facts.commented.map(({ postId: id }) => ({ id, from: started[0]?.from ?? null })),
        asking,
      ),
    ),
    readCommentStatsOfCollections: each(prices, (db, { started, asking }) =>
      stored.readCommentStatsOfCollections(
        db,
        facts.playlists.map(id => ({ id, from: started[0]?.from ?? null })),
        asking,
      ),
    ),
    readCollectionsThere: each(pairs(networks, [facts.playlists, []]), (db, of) =>
      readCollectionsThere(db, ...of),
    ),
    readShownPlaylists: each(
      pairs(networks, [facts.entities.flatMap(({ profileId }) => profileId ?? []), []]),
      (db, of) => readShownPlaylists(db, ...of),
    ),
    readItems: each(pairs(networks, [facts.playlists, []]), (db, of) => readItems(db, ...of)),
    readPostsThere: each(pairs(networks, [facts.posts, []]), (db, of) => readPostsThere(db, ...of)),
    readRemaining: each(pairs([jobs, []], [...MOMENTS, '2026-10-30T00:00:00.000Z']), (db, of) =>
      stored.readRemaining(db, ...of),
    ),
    tallyTasks: each(tasks, tallyTasks),
    reportTransforms: each([null, ['captions'], ['none']], reportTransforms),
    readTransformResults: transformsOf(facts),
    isStoredTransform: each(['captions', 'none'], isStoredTransform),
    reportUnread: each(tasks, reportUnread),
    findProfileByKey: each(pairs(networks, names), (db, of) => named.findProfileByKey(db, ...of)),
    findProfilesByName: each(pairs([null, ...networks], names), (db, of) =>
      named.findProfilesByName(db, ...of),
    ),
    reportStandings: each(
      pairs([networks, ['nowhere']], [['unauthorised'], ['unreachable', 'interrupted']]),
      (db, of) => standing.reportStandings(db, ...of),
    ),
    networksAskedLately: each([0, 1, 30], standing.networksAskedLately),
    readSchedules: each([null, 'nightly', 'none'], schedules.readSchedules),
    whichProfiles: each(chosen, listed.whichProfiles),
    sumProfiles: each(chosen, listed.sumProfiles),
    mostFollowed: each(pairs(chosen, [3, 1_000]), (db, of) => listed.mostFollowed(db, ...of)),
    streamUnfinished: each(chosen, (db, of) => collect(listed.streamUnfinished(db, of))),
    streamListedPosts: each(pairs(chosen, moments), (db, of) => collect(streamListedPosts(db, ...of))),
    readPostTexts: each(pairs(networks, [facts.posts, []]), (db, [network, ids]) =>
      readPostTexts(
        db,
        ids.map(id => ({ network, id })),
      ),
    ),
    streamFollowers: each(moments, (db, since) =>
      collect(
        streamFollowers(
          db,
          entities.map(({ network, profileId: id }) => ({ network, id })),
          since,
        ),
      ),
    ),
    streamListedWords: each([null], async db =>
      (await collect(streamListedWords(db))).map(({ network, word }) => `${network}:${word}`).sort(),
    ),
    sumCosts: each(pairs([null, ...networks], moments), (db, of) => sumCosts(db, ...of)),
    readTimes: each([null], schedules.readTimes),
  }
}
